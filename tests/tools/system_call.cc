// Makes system calls by their numbers, and prints a line for each: "ok" or the name of its errno.
//   system_call CALL...       CALL is NUMBER[:ARGUMENT]..., up to 6 arguments, and i386:NUMBER...
//   for
//                             the 32-bit one of that number
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr std::string_view kOld = "i386:";
using Words = std::array<unsigned long, 7>;

// The 32-bit entry to the kernel is open to 64-bit programs too. The errno, 0 for success.
int call_old(const Words& words) {
  int result = 0;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(words[0]), "b"(words[1]), "c"(words[2]), "d"(words[3]), "S"(words[4]),
                 "D"(words[5])
               : "memory", "r8", "r9", "r10", "r11");
  return result < 0 ? -result : 0;
}

int call(const Words& words) {
  const long result = ::syscall(static_cast<long>(words[0]), words[1], words[2], words[3], words[4],
                                words[5], words[6]);
  return result < 0 ? errno : 0;
}

Words parse(const char* text) {
  Words words{};
  char* rest = nullptr;
  for (unsigned long& word : words) {
    word = std::strtoul(text, &rest, 0);
    if (*rest != ':') break;
    text = rest + 1;
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const bool old = std::string_view(argv[i]).substr(0, kOld.size()) == kOld;
    const Words words = parse(old ? argv[i] + kOld.size() : argv[i]);
    const int error = old ? call_old(words) : call(words);
    std::puts(error == 0 ? "ok" : ::strerrorname_np(error));
  }
}
