# What `cmake --install` puts where, and what find_package and pkg-config find there.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/medflow")

install(TARGETS medflow_core EXPORT medflow_targets FILE_SET HEADERS)
install(EXPORT medflow_targets NAMESPACE medflow:: DESTINATION "${package_folder}")

# The C library is an export of its own: a C host needs nothing of what the C++ one finds.
if(TARGET medflow_c)
  install(TARGETS medflow_c EXPORT medflow_c_targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(FILES "${PROJECT_SOURCE_DIR}/adapters/c/medflow.h" TYPE INCLUDE)
  install(EXPORT medflow_c_targets NAMESPACE medflow:: DESTINATION "${package_folder}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/adapters/c/" DESTINATION "${CMAKE_INSTALL_DATADIR}/medflow/python"
          FILES_MATCHING PATTERN "*.py" PATTERN "__pycache__" EXCLUDE)
endif()

if(TARGET medflow_program)
  install(TARGETS medflow_program)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/medflow-config.cmake.in" medflow-config.cmake
                              INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file(medflow-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/medflow-config.cmake" "${PROJECT_BINARY_DIR}/medflow-config-version.cmake"
        DESTINATION "${package_folder}")

if(MEDFLOW_POSTGRES)
  set(MEDFLOW_PC_LIBPQ "-lpq ") # not as a package: that asks for the libraries that a static libpq would want
endif()
if(LIBMAGIC_INCLUDE_DIR AND LIBMAGIC_LIBRARY)
  set(MEDFLOW_PC_LIBMAGIC "-lmagic ")
endif()
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${PROJECT_SOURCE_DIR}/cmake/medflow.pc.in" medflow.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/medflow.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
