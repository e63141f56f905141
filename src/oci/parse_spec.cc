#include "oci/parse_spec.h"

#include "oci/spec_readers.h"

namespace stasis::oci {

Result<void> read_value(const Node& node, IdMapping& into) {
  return Members(node, Unknown::kRefuse)
      .required("containerID", into.container_id)
      .required("hostID", into.host_id)
      .required("size", into.size)
      .finish();
}

Result<void> read_value(const Node& node, Root& into) {
  return Members(node, Unknown::kRefuse)
      .required("path", into.path)
      .optional("readonly", into.readonly)
      .finish();
}

Result<void> read_value(const Node& node, Mount& into) {
  return Members(node, Unknown::kRefuse)
      .required("destination", into.destination)
      .optional("type", into.type)
      .optional("source", into.source)
      .optional("options", into.options)
      .optional("uidMappings", into.uid_mappings)
      .optional("gidMappings", into.gid_mappings)
      .finish();
}

Result<void> read_value(const Node& node, Hook& into) {
  return Members(node, Unknown::kIgnore)
      .required("path", into.path)
      .optional("args", into.args)
      .optional("env", into.env)
      .optional("timeout", into.timeout)
      .finish();
}

Result<void> read_value(const Node& node, Hooks& into) {
  return Members(node, Unknown::kRefuse)
      .optional("prestart", into.prestart)
      .optional("createRuntime", into.create_runtime)
      .optional("createContainer", into.create_container)
      .optional("startContainer", into.start_container)
      .optional("poststart", into.poststart)
      .optional("poststop", into.poststop)
      .finish();
}

// The specification wants unknown members at the top passed over: other platforms live there.
Result<void> read_value(const Node& node, Spec& into) {
  return Members(node, Unknown::kIgnore)
      .required("ociVersion", into.oci_version)
      .optional("process", into.process)
      .optional("root", into.root)
      .optional("hostname", into.hostname)
      .optional("domainname", into.domainname)
      .optional("mounts", into.mounts)
      .optional("hooks", into.hooks)
      .optional("annotations", into.annotations)
      .optional("linux", into.linux_)
      .finish();
}

namespace {

template <class T>
Result<T> parse_text(std::string_view text) {
  STASIS_ASSIGN(const Json json, parse_json(text));
  T value{};
  STASIS_TRY(read_value(Node(json), value));
  return value;
}

}  // namespace

Result<Spec> parse_spec(std::string_view text) { return parse_text<Spec>(text); }

Result<Process> parse_process(std::string_view text) { return parse_text<Process>(text); }

Result<Resources> parse_resources(std::string_view text) { return parse_text<Resources>(text); }

}  // namespace stasis::oci
