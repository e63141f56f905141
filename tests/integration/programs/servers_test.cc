// Web servers that answer before and after: nginx with its master and workers, and node.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/http.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

class Servers : public ContainerTest {
 protected:
  Bundle server_bundle(const std::string& tree) const {
    Bundle bundle = make_bundle();
    bundle.use_tree(find_tree(tree));
    std::filesystem::create_directories(directory() + "/sockets");
    bundle.bind_mount(directory() + "/sockets", "/sockets");
    return bundle;
  }
  std::string socket() const { return directory() + "/sockets/http"; }
};

constexpr const char* kNginxConfig = R"(
user root;
worker_processes 2;
daemon off;
error_log stderr;
pid /tmp/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen unix:/sockets/http;
    location / { return 200 "served $uri"; }
    location /files/ { alias /srv/; }
  }
}
)";

TEST_F(Servers, NginxServesBeforeAndAfter) {
  Bundle bundle = server_bundle("nginx");
  bundle.allow_all_capabilities();
  write_file(bundle.rootfs() + "/etc/nginx/nginx.conf", kNginxConfig);
  std::filesystem::create_directories(bundle.rootfs() + "/srv");
  write_file(bundle.rootfs() + "/srv/page", "a page");
  bundle.set_arguments({"nginx"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  EXPECT_EQ(wait_for_http(socket(), "/before"), "served /before");

  checkpoint_container("c1", directory() + "/running", {"--leave-running", "--ext-unix-sk"});
  EXPECT_EQ(http_get(socket(), "/between"), "served /between");
  checkpoint_container("c1", directory() + "/image", {"--ext-unix-sk"});
  EXPECT_EQ(http_get(socket(), "/gone"), "");

  Pipes restored;
  restore_container("c1", bundle, directory() + "/image", restored);
  for (int request = 0; request < 20; ++request)
    EXPECT_EQ(wait_for_http(socket(), "/files/page"), "a page");
  // The master still starts workers: it gets the signal that makes it do so.
  expect_success({"kill", "c1", "HUP"});
  EXPECT_EQ(wait_for_http(socket(), "/after"), "served /after");
}

constexpr const char* kNodeProgram = R"(
const http = require('http');
let ticks = 0, requests = 0;
setInterval(() => ticks++, 5);
http.createServer((request, response) => {
  requests++;
  const before = ticks;
  const wait = () => ticks > before ? response.end(`request ${requests}`) : setTimeout(wait, 1);
  wait();
}).listen('/sockets/http');
)";

TEST_F(Servers, NodeKeepsCountingAndTicking) {
  Bundle bundle = server_bundle("node");
  write_file(bundle.rootfs() + "/server.js", kNodeProgram);
  bundle.set_arguments({"node", "/server.js"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  EXPECT_EQ(wait_for_http(socket(), "/"), "request 1");
  checkpoint_container("c1", directory() + "/running", {"--leave-running", "--ext-unix-sk"});
  EXPECT_EQ(http_get(socket(), "/"), "request 2");
  checkpoint_container("c1", directory() + "/image", {"--ext-unix-sk"});
  Pipes restored;
  restore_container("c1", bundle, directory() + "/image", restored);
  EXPECT_EQ(wait_for_http(socket(), "/"), "request 3");
  EXPECT_EQ(http_get(socket(), "/"), "request 4");
}

}  // namespace
}  // namespace stasis::test
