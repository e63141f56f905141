#include "proc/fd_link.h"

#include <gtest/gtest.h>

namespace stasis::proc {
namespace {

TEST(ParseFdLink, KnowsEveryForm) {
  const std::pair<const char*, FdLink> cases[] = {
      {"/dev/null", PathLink{"/dev/null", false}},
      {"/", PathLink{"/", false}},
      {"/a b (deleted)", PathLink{"/a b", true}},
      {"/a (deleted) (deleted)", PathLink{"/a (deleted)", true}},
      {"/memfd:name (deleted)", MemfdLink{"name"}},
      {"/memfd: (deleted)", MemfdLink{""}},
      {"/memfd:a (deleted) (deleted)", MemfdLink{"a (deleted)"}},
      {"/memfd:name", PathLink{"/memfd:name", false}},
      {"/memfd:dir/file", PathLink{"/memfd:dir/file", false}},
      {"/SYSV00000000 (deleted)", PathLink{"/SYSV00000000", true}},
      {"pipe:[123]", PipeLink{123}},
      {"socket:[18446744073709551615]", SocketLink{UINT64_MAX}},
      {"anon_inode:[eventpoll]", AnonInodeLink{"eventpoll"}},
      {"anon_inode:inotify", AnonInodeLink{"inotify"}},
      {"anon_inode:[pidfd]", AnonInodeLink{"pidfd"}},
      {"net:[4026531833]", NamespaceLink{"net", 4026531833}},
      {"time:[1]", NamespaceLink{"time", 1}},
      {"pipe:[x]", OtherLink{"pipe:[x]"}},
      {"pipe:[1", OtherLink{"pipe:[1"}},
      {"mystery:[1]", OtherLink{"mystery:[1]"}},
      {"dmabuf:x", OtherLink{"dmabuf:x"}},
      {"", OtherLink{""}},
  };
  for (const auto& [text, link] : cases) EXPECT_EQ(parse_fd_link(text), link) << text;
}

}  // namespace
}  // namespace stasis::proc
