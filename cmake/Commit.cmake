# Writes the header OUT with the commit that SOURCE stands at, "" outside of a git checkout. Run by
# every build (cmake -P); the file changes, and with it what includes it, only when the commit does.
set(commit "")
execute_process(COMMAND git -c safe.directory=${SOURCE} -C ${SOURCE} rev-parse --show-toplevel
  OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed AND top STREQUAL SOURCE)
  execute_process(COMMAND git -c safe.directory=${SOURCE} -C ${SOURCE} describe --always --abbrev=40
      --exclude * --dirty
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT
  "// Made by cmake/Commit.cmake.\n#pragma once\n\nnamespace stasis {\n\n// \"\" outside of a git checkout.\ninline constexpr const char* kCommit = \"${commit}\";\n\n}  // namespace stasis\n")
