# What `cmake --install` puts beside the programs, and the Debian package that cpack makes of it.
include(GNUInstallDirs)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/stasis)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/stasis FILES_MATCHING
  PATTERN "*.md")
install(FILES completions/stasis.bash RENAME stasis
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_stasis DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME stasis)
set(CPACK_PACKAGE_VENDOR stasis)
set(CPACK_PACKAGE_CONTACT "stasis maintainers <maintainers@stasis.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "OCI container runtime that checkpoints and restores")
set(CPACK_PACKAGE_DESCRIPTION "Runs containers for container engines or by hand, saves running ones
to a file with an engine of its own, and brings them back from it.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# The programs need nothing where they are linked statically.
if(NOT STASIS_STATIC)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
