# Libraries from Debian packages; scripts/packages lists the packages.
if(STASIS_STATIC)
  # -static takes archives only, and the packages below are linked by their full path.
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(Protobuf_USE_STATIC_LIBS ON)
endif()
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
set(Protobuf_USE_STATIC_LIBS ON)  # lite runtime only, always inside the binary
find_package(Protobuf REQUIRED)
find_package(GTest REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CAP REQUIRED IMPORTED_TARGET libcap)
include(GoogleTest)

add_library(stasis_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cc)
