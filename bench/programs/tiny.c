/* Without arguments it ends at once; with any it waits for a signal. */
#include <unistd.h>

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) pause();
  return 0;
}
