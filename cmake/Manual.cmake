# Man pages: docs/man/NAME.in with what the program says of itself (tools/make-man), into build/man.
include(GNUInstallDirs)
file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.in)
set(pages)
foreach(text ${texts})
  get_filename_component(name ${text} NAME_WE)
  set(section 8)
  set(page stasis-${name})
  if(name STREQUAL "stasis")
    set(section 1)
    set(page stasis)
  endif()
  set(out ${CMAKE_BINARY_DIR}/man/${page}.${section})
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
    COMMAND ${CMAKE_SOURCE_DIR}/tools/make-man $<TARGET_FILE:stasis> ${text} ${out}
    DEPENDS stasis ${text} ${CMAKE_SOURCE_DIR}/tools/make-man VERBATIM)
  list(APPEND pages ${out})
  install(FILES ${out} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
add_custom_target(manual ALL DEPENDS ${pages})
# Its tests read the pages and install the package.
if(TARGET integration_runtime)
  add_dependencies(integration_runtime manual criu_answer)
endif()
