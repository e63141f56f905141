#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proc/net_inet.h"
#include "proc/net_unix.h"
#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kUnix = "Num       RefCount Protocol Flags    Type St Inode Path\n";
const std::string kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

TEST(ParseNetUnix, ReadsNames) {
  const auto sockets =
      parse_net_unix(kUnix +
                     "00000000e3016dca: 00000003 00000000 00000000 0001 03   554\n"
                     "000000005190396e: 00000002 00000000 00010000 0005 01 23456 /run/a b\n"
                     "000000005190396e: 00000002 00000000 00000000 0002 01 7 @x@y\n");
  ASSERT_TRUE(sockets) << sockets.error().message();
  const UnixSocketLine plain = {.reference_count = 3, .type = 1, .state = 3, .inode = 554};
  const UnixSocketLine listener = {.reference_count = 2,
                                   .flags = 0x10000,
                                   .type = 5,
                                   .state = 1,
                                   .inode = 23456,
                                   .named = true,
                                   .name = "/run/a b"};
  const UnixSocketLine abstract = {.reference_count = 2,
                                   .type = 2,
                                   .state = 1,
                                   .inode = 7,
                                   .named = true,
                                   .abstract = true,
                                   .name = "x@y"};
  EXPECT_THAT(*sockets, ElementsAre(plain, listener, abstract));
  EXPECT_THAT(*parse_net_unix(kUnix), IsEmpty());
}

TEST(ParseNetUnix, NamesLineAndField) {
  EXPECT_EQ(message_of(parse_net_unix("")),
            "net/unix line 1: heading: expected 'Num ...', found ''");
  EXPECT_EQ(message_of(parse_net_unix(kUnix + "0: 1 0 0 1 3 x\n")),
            "net/unix line 2: inode: expected a decimal number, found 'x'");
}

TEST(ParseNetInet, ReadsBothFamilies) {
  const auto tcp = parse_net_inet(
      "tcp", kTcp +
                 "   0: 0100007F:1F90 00000000:0000 0A 00000001:00000002 00:00000000 00000000  "
                 "1000        0 12345 1 0000000000000000 100 0 0 10 0\n");
  ASSERT_TRUE(tcp) << tcp.error().message();
  ASSERT_THAT(*tcp, SizeIs(1));
  InetSocketLine listener;
  listener.local.address = {127, 0, 0, 1};
  listener.local.port = 8080;
  listener.state = 10;
  listener.send_queue = 1;
  listener.receive_queue = 2;
  listener.uid = 1000;
  listener.inode = 12345;
  EXPECT_EQ((*tcp)[0], listener);

  const auto udp6 = parse_net_inet(
      "udp6",
      "  sl  local_address remote_address st\n"
      "  12: 00000000000000000000000001000000:0035 "
      "B80D01200000000067452301EFCDAB89:0001 01 00000000:00000000 00:00000000 00000000     "
      "0        0 99 2 0000000000000000 0\n");
  ASSERT_TRUE(udp6) << udp6.error().message();
  EXPECT_TRUE(udp6->at(0).local.is_v6);
  EXPECT_EQ(udp6->at(0).local.address[15], 1);
  EXPECT_EQ(udp6->at(0).remote.address[0], 0x20);
  EXPECT_EQ(udp6->at(0).remote.address[1], 0x01);
  EXPECT_EQ(udp6->at(0).remote.address[15], 0xef);
  EXPECT_EQ(udp6->at(0).remote.port, 1);
}

TEST(ParseNetInet, NamesLineAndField) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "net/tcp line 1: heading: expected 'sl ...', found ''"},
      {kTcp + "0: 0100007F 0 0\n",
       "net/tcp line 2: local address: expected 8 or 32 hexadecimal digits, ':', a port, found "
       "'0100007F'"},
      {kTcp + "0: 7F:1 0 0\n",
       "net/tcp line 2: local address: expected 8 or 32 hexadecimal digits, ':', a port, found "
       "'7F:1'"},
      {kTcp + "0: 0100007G:1 0 0\n",
       "net/tcp line 2: local address: expected a hexadecimal number, found '0100007G'"},
      {kTcp + "0: 0100007F:10000 0 0\n",
       "net/tcp line 2: local address: expected a hexadecimal number, found '10000'"},
      {kTcp + "0: 0100007F:1 0100007F:1 0A 0\n",
       "net/tcp line 2: queues: expected two numbers around ':', found '0'"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(message_of(parse_net_inet("tcp", text)), message);
  }
}

}  // namespace
}  // namespace stasis::proc
