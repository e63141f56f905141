// redis: the data survives, and a client from outside stays connected while the container runs on.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/redis_client.h"
#include "integration/support/redis_hammer.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

constexpr long kKeys = 20'000;
constexpr std::size_t kValueBytes = 64;

class Redis : public ContainerTest {
 protected:
  Bundle redis_bundle() const {
    Bundle bundle = make_bundle();
    bundle.use_tree(find_tree("redis"));
    std::filesystem::create_directories(directory() + "/sockets");
    bundle.bind_mount(directory() + "/sockets", "/sockets");
    bundle.set_arguments(
        {"redis-server", "--save", "", "--port", "0", "--unixsocket", "/sockets/redis.sock"});
    return bundle;
  }
  std::string socket() const { return directory() + "/sockets/redis.sock"; }
  RedisClient connect() const { return RedisClient::connect(socket(), kLimit); }
};

TEST_F(Redis, RunsOnWithItsClientConnected) {
  const Bundle bundle = redis_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  RedisClient idle = connect();
  idle.fill(kKeys, kValueBytes);
  RedisHammer hammer(socket(), "counter");
  for (int round = 0; round < 3; ++round) {
    checkpoint_container("c1", directory() + "/image" + std::to_string(round),
                         {"--leave-running", "--ext-unix-sk"});
    const long before = hammer.count();
    hammer.start_measuring();
    EXPECT_GT(hammer.count(), before);
  }
  hammer.stop();
  EXPECT_TRUE(hammer.is_unbroken());
  EXPECT_EQ(idle.command({"DBSIZE"}), std::to_string(kKeys + 1));
}

TEST_F(Redis, ComesBackWithItsData) {
  const Bundle bundle = redis_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  {
    RedisClient client = connect();
    client.fill(kKeys, kValueBytes);
    ASSERT_EQ(client.command({"SET", "counter", "41"}), "OK");
  }
  checkpoint_container("c1", directory() + "/image", {"--ext-unix-sk"});

  Pipes restored_stdio;
  restore_container("c1", bundle, directory() + "/image", restored_stdio);
  RedisClient client = connect();
  EXPECT_EQ(client.command({"DBSIZE"}), std::to_string(kKeys + 1));
  EXPECT_EQ(client.command({"INCR", "counter"}), "42");
  for (long key = 0; key < kKeys; key += 997) {
    EXPECT_EQ(client.command({"GET", fmt::format("key:{}", key)}),
              RedisClient::value_of(key, kValueBytes));
  }
}

}  // namespace
}  // namespace stasis::test
