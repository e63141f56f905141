#include "runtime/inspection.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/parse.h"
#include "runtime/container.h"
#include "runtime/members.h"

namespace stasis::runtime {
namespace {

Result<oci::ListEntry> describe(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kRead));
  oci::ListEntry entry{.record = container.record()};
  STASIS_ASSIGN(entry.status, container.status());
  if (entry.record.init_pid == 0) entry.status = oci::Status::kCreating;
  entry.pid = entry.status == oci::Status::kStopped ? 0 : entry.record.init_pid;
  return entry;
}

}  // namespace

Result<std::string> state_text(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const oci::ListEntry entry, describe(store, id));
  return oci::encode_state(entry.record, entry.status, entry.pid, oci::Shape::kRunc);
}

Result<std::vector<oci::ListEntry>> list_containers(const StateStore& store) {
  STASIS_ASSIGN(const auto ids, store.list());
  std::vector<oci::ListEntry> entries;
  for (const std::string& id : ids) {
    auto entry = describe(store, id);
    if (entry) {
      entries.push_back(std::move(*entry));
    } else if (entry.error().kind() != ErrorKind::kNotFound) {
      log(LogLevel::kWarning, "ignored: container '{}': {}", id, entry.error().message());
    }
  }
  return entries;
}

std::string list_table(const std::vector<oci::ListEntry>& entries) {
  using Row = std::array<std::string, 6>;
  std::vector<Row> rows{{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const auto& [record, status, pid] : entries) {
    rows.push_back({record.id, std::to_string(pid), std::string(to_string(status)), record.bundle,
                    record.created, record.owner});
  }
  std::array<std::size_t, 6> widths{};
  widths.fill(12);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size() + 3);
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      text += fmt::format("{:<{}}", row[i], widths[i]);
    text += row.back() + "\n";
  }
  return text;
}

Result<std::vector<HostPid>> container_processes(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kRead));
  STASIS_ASSIGN(auto pids, members_of(container));
  std::ranges::sort(pids);
  return pids;
}

Result<std::string> filter_ps(std::string_view output, const std::vector<HostPid>& pids) {
  const auto lines = split_lines(output);
  if (lines.empty()) return fail(ErrorKind::kUnsupported, "ps printed nothing");
  const auto titles = split_blank(lines.front());
  const auto column = std::ranges::find(titles, "PID") - titles.begin();
  if (column == std::ssize(titles)) {
    return fail(ErrorKind::kInvalidArgument, "ps prints no column PID: choose other ps options");
  }
  std::string text = fmt::format("{}\n", lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto fields = split_blank(lines[i]);
    if (column >= std::ssize(fields)) continue;
    const auto pid = parse_number<pid_t>(fields[static_cast<std::size_t>(column)]);
    if (pid && std::ranges::find(pids, HostPid{*pid}) != pids.end()) {
      text += fmt::format("{}\n", lines[i]);
    }
  }
  return text;
}

}  // namespace stasis::runtime
