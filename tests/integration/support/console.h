// The master of a terminal, and of a container's that comes through --console-socket.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace stasis::test {

class Console {
 public:
  // A pair of the test's own, to be the terminal of a program; its input is not echoed.
  Console();
  UniqueFd open_slave() const;
  void resize(unsigned short rows, unsigned short columns);
  // Listens at `path`.
  explicit Console(const std::string& path);
  // Takes the terminal that the runtime has sent.
  void accept();
  void type(std::string_view text);
  // Reads until `text` has been printed after what earlier calls found; gives up at the limit.
  void expect(std::string_view text);
  const std::string& printed() const { return printed_; }
  int terminal() const { return master_.get(); }

 private:
  UniqueFd listener_, master_;
  std::string printed_;
  std::size_t searched_ = 0;
};

}  // namespace stasis::test
