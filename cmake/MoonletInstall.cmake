# cmake --install: the public headers, libmoonlet.a, libmoonlet_runtime.a, the package files for CMake and pkg-config, and
# the moonlet program. All of it may be moved to another place afterwards.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS moonlet_embed EXPORT MoonletTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET moonlet_runtime_embed)
  install(TARGETS moonlet_runtime_embed EXPORT MoonletTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
if(EXISTS "${PROJECT_SOURCE_DIR}/include")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
endif()
if(TARGET moonlet)
  install(TARGETS moonlet RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(FILES LICENSE THIRD_PARTY_NOTICES DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(moonlet_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Moonlet")
install(EXPORT MoonletTargets NAMESPACE Moonlet:: DESTINATION "${moonlet_package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/MoonletConfig.cmake.in" "${PROJECT_BINARY_DIR}/MoonletConfig.cmake"
  INSTALL_DESTINATION "${moonlet_package_dir}")
# Nothing is promised between minor versions before 1.0.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/MoonletConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/MoonletConfig.cmake" "${PROJECT_BINARY_DIR}/MoonletConfigVersion.cmake"
  DESTINATION "${moonlet_package_dir}")

set(moonlet_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH moonlet_pc_prefix "/${moonlet_pc_dir}" "/")
string(REGEX REPLACE "/$" "" moonlet_pc_prefix "${moonlet_pc_prefix}")
foreach(name moonlet moonlet-runtime)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc"
    @ONLY)
  if(name STREQUAL "moonlet" OR TARGET moonlet_runtime_embed)
    install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${moonlet_pc_dir}")
  endif()
endforeach()
