# One static library per folder of src/, holding every .cc in it, with exactly the links that it
# names: the layers of docs/ARCHITECTURE.md are the link lists in src/CMakeLists.txt.

add_library(stasis_options INTERFACE)
target_compile_options(stasis_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -Wno-missing-field-initializers -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12, optimising, reports moved std::optional members that are never read, and std::string's
  # own buffer when strings are added (GCC bug 105651) or compared (105329).
  target_compile_options(stasis_options INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds
    -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
target_compile_definitions(stasis_options INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
if(STASIS_WERROR)
  target_compile_options(stasis_options INTERFACE -Werror)
endif()
if(STASIS_FAULT_POINTS)
  target_compile_definitions(stasis_options INTERFACE STASIS_FAULT_POINTS)
endif()
if(STASIS_SANITIZE)
  target_compile_options(stasis_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(stasis_options INTERFACE -fsanitize=address,undefined)
endif()
# -iquote: "sys/wait.h" is ours, <sys/wait.h> is the C library's.
target_compile_options(stasis_options INTERFACE "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")
if(STASIS_FUZZ)
  target_compile_options(stasis_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=undefined)
  target_link_options(stasis_options INTERFACE -fsanitize=address,undefined)
endif()
target_include_directories(stasis_options INTERFACE ${CMAKE_SOURCE_DIR}/include)

# stasis_precompile(<target> [FROM <other>] [<header>...]): headers that nearly every file includes, read
# once, or those of another target. Without STASIS_PCH (preset "debug") each file must name what it uses.
set(stasis_common_headers <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set>
  <span> <string> <variant> <vector> <fmt/format.h> <tl/expected.hpp>)
function(stasis_precompile target)
  cmake_parse_arguments(ARG "" "FROM" "" ${ARGN})
  if(NOT STASIS_PCH OR "${target}" STREQUAL "${ARG_FROM}")
    return()
  endif()
  if(ARG_FROM)
    target_precompile_headers(${target} REUSE_FROM ${ARG_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${stasis_common_headers} ${ARG_UNPARSED_ARGUMENTS})
  endif()
  # For ccache, which otherwise gives up on precompiled headers.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()

# stasis_library(<folder> [LINKS <target>...]): the target stasis_<folder> from src/<folder>/**.cc.
function(stasis_library folder)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
  if(sources)
    add_library(stasis_${folder} STATIC ${sources})
    target_link_libraries(stasis_${folder} PUBLIC stasis_options ${ARG_LINKS})
    if("${folder}" STREQUAL "base")
      stasis_precompile(stasis_base)
    else()
      stasis_precompile(stasis_${folder} FROM stasis_base)
    endif()
  else()
    add_library(stasis_${folder} INTERFACE)
    target_link_libraries(stasis_${folder} INTERFACE stasis_options ${ARG_LINKS})
  endif()
endfunction()

# stasis_schema(<folder>): the target stasis_<folder>_schema from src/<folder>/*.proto, the generated
# messages. They are included as "<folder>/NAME.pb.h" and built without our warnings.
function(stasis_schema folder)
  file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.proto)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/schema)
  set(outputs)
  foreach(schema ${schemas})
    get_filename_component(name ${schema} NAME_WE)
    set(pair ${generated}/${folder}/${name}.pb.cc ${generated}/${folder}/${name}.pb.h)
    add_custom_command(OUTPUT ${pair}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}
      COMMAND protobuf::protoc --cpp_out=${generated} -I ${CMAKE_CURRENT_SOURCE_DIR} ${schema}
      DEPENDS ${schemas} COMMENT "Generating ${folder}/${name}.pb.h" VERBATIM)
    list(APPEND outputs ${pair})
  endforeach()
  add_library(stasis_${folder}_schema STATIC ${outputs})
  target_include_directories(stasis_${folder}_schema SYSTEM PUBLIC ${generated})
  target_link_libraries(stasis_${folder}_schema PUBLIC protobuf::libprotobuf-lite)
  if(STASIS_SANITIZE)
    target_compile_options(stasis_${folder}_schema PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()

# stasis_static_program(<target> <source>...): a program that needs nothing else in a root filesystem.
function(stasis_static_program target)
  add_executable(${target} ${ARGN})
  # Our options without sanitizers, which a static program cannot have.
  get_target_property(options stasis_options INTERFACE_COMPILE_OPTIONS)
  list(FILTER options EXCLUDE REGEX "sanitize")
  target_compile_options(${target} PRIVATE ${options})
  target_compile_definitions(${target} PRIVATE
    $<TARGET_PROPERTY:stasis_options,INTERFACE_COMPILE_DEFINITIONS>)
  target_link_options(${target} PRIVATE -static)
endfunction()

# stasis_unit_tests(<folder>): one test program from tests/unit/<folder>/*_test.cc, label "unit".
function(stasis_unit_tests folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${folder}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(unit_${folder} ${sources})
  target_link_libraries(unit_${folder} PRIVATE stasis_${folder} GTest::gmock_main)
  target_include_directories(unit_${folder} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(unit_${folder} PRIVATE
    STASIS_FIXTURES="${CMAKE_SOURCE_DIR}/tests/fixtures")
  stasis_precompile(unit_${folder} FROM test_support)
  gtest_discover_tests(unit_${folder} TEST_PREFIX unit. PROPERTIES LABELS unit TIMEOUT 60
    DISCOVERY_TIMEOUT 60)
endfunction()
