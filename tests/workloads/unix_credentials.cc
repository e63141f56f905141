// Who is at the other end of a unix socket: SO_PEERCRED and SCM_CREDENTIALS.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/socket_io.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

constexpr uid_t kOtherUid = 1234;
constexpr gid_t kOtherGid = 4321;

std::string shown(const ucred& who) {
  return fmt::format("pid {} uid {} gid {}", who.pid, who.uid, who.gid);
}

std::string peer_of(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  must(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size), "SO_PEERCRED");
  return shown(who);
}

class UnixCredentials : public Workload {
 public:
  void set_up() override {
    address_.sun_family = AF_UNIX;
    const std::string path = fmt::format("/tmp/credentials.{}", getpid());
    std::memcpy(address_.sun_path, path.data(), path.size());
    listener_ = must_fd(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(bind(listener_, address(), sizeof address_), "bind");
    listen_in_dead_process();
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams_.data()), "socketpair");
    const int on = 1;
    must(setsockopt(datagrams_[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), "SO_PASSCRED");
    client_ = std::make_unique<Helper>([this](char question) { return answer(question); });
    client_->ask('c');
    accepted_ = must_fd(accept(listener_, nullptr, nullptr), "accept");
    client_->ask('s');
  }

  void verify() override {
    const std::string child =
        fmt::format("pid {} uid {} gid {}", client_->pid(), kOtherUid, kOtherGid);
    expect_equal("client", child, peer_of(accepted_));
    expect_equal("pid of the listener", dead_, client_->ask('p'));
    expect_equal("maker of the pair", fmt::format("pid {} uid 0 gid 0", getpid()),
                 peer_of(datagrams_[0]));
    expect_equal("sender", child, take_with_sender());
    client_->ask('s');
  }

 private:
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

  void listen_in_dead_process() {
    dead_ = static_cast<pid_t>(must(fork(), "fork"));
    if (dead_ == 0) _exit(listen(listener_, 5) == 0 ? 0 : 1);
    int status = -1;
    must(waitpid(dead_, &status, 0), "waitpid");
    if (status != 0) fail("listen");
  }

  // In the child.
  std::int64_t answer(char question) {
    if (question == 's') return send(datagrams_[0], "hello", 5, 0);
    if (question == 'c') return connect_as_another();
    ucred who{};
    socklen_t size = sizeof who;
    must(getsockopt(connected_, SOL_SOCKET, SO_PEERCRED, &who, &size), "SO_PEERCRED");
    return who.pid;
  }

  std::int64_t connect_as_another() {
    connected_ = must_fd(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(chmod(address_.sun_path, 0777), "chmod");
    must(setregid(kOtherGid, kOtherGid), "setregid");
    must(setreuid(kOtherUid, kOtherUid), "setreuid");
    return must(connect(connected_, address(), sizeof address_), "connect");
  }

  std::string take_with_sender() const {
    std::array<char, 16> text{};
    std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(datagrams_[1], &message, MSG_DONTWAIT) != 5) return "no message";
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_CREDENTIALS) return "no credentials";
    ucred who{};
    std::memcpy(&who, CMSG_DATA(header), sizeof who);
    return shown(who);
  }

  sockaddr_un address_{};
  int listener_ = -1, accepted_ = -1, connected_ = -1;
  pid_t dead_ = -1;
  std::array<int, 2> datagrams_{};
  std::unique_ptr<Helper> client_;
};

STASIS_WORKLOAD(UnixCredentials, "unix_credentials");

}  // namespace
}  // namespace stasis::workload
