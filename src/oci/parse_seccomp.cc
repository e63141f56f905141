#include "oci/spec_readers.h"

namespace stasis::oci {
Result<void> read_value(const Node& node, SeccompArgument& into) {
  return Members(node, Unknown::kRefuse)
      .required("index", into.index)
      .required("value", into.value)
      .optional("valueTwo", into.value_two)
      .required("op", into.op)
      .finish();
}

Result<void> read_value(const Node& node, SeccompRule& into) {
  return Members(node, Unknown::kRefuse)
      .required("names", into.names)
      .required("action", into.action)
      .optional("errnoRet", into.errno_ret)
      .optional("args", into.args)
      .ignored("comment")
      .finish();
}

Result<void> read_value(const Node& node, Seccomp& into) {
  return Members(node, Unknown::kRefuse)
      .required("defaultAction", into.default_action)
      .optional("defaultErrnoRet", into.default_errno_ret)
      .optional("architectures", into.architectures)
      .optional("flags", into.flags)
      .optional("listenerPath", into.listener_path)
      .optional("listenerMetadata", into.listener_metadata)
      .optional("syscalls", into.syscalls)
      .finish();
}

}  // namespace stasis::oci
