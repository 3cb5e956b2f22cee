# SPDX-License-Identifier: MIT
# The installed package: headers, one file of targets per component, CMake's and pkg-config's descriptions. All of it is
# the same on every machine, so it goes under share/. The folders are those of GNUInstallDirs (CMAKE_INSTALL_INCLUDEDIR,
# CMAKE_INSTALL_DATADIR), relative to the prefix or absolute; only with relative ones can the package be moved afterwards.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/certssb)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
foreach(component IN LISTS certssb_built)
  install(TARGETS certssb_${component} EXPORT certssb-${component})
  install(EXPORT certssb-${component} NAMESPACE certssb:: DESTINATION ${package_dir})
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/certssbConfig.cmake.in ${PROJECT_BINARY_DIR}/certssbConfig.cmake
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO
                              NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/certssbConfigVersion.cmake COMPATIBILITY SameMinorVersion
                                 ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/certssbConfig.cmake ${PROJECT_BINARY_DIR}/certssbConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/components.cmake
        DESTINATION ${package_dir})

# pkg-config finds the prefix from where certssb.pc lies; with an absolute folder it is the one given at configure time.
if(IS_ABSOLUTE ${CMAKE_INSTALL_DATADIR})
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_DATADIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
endif()
if(IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  set(pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
else()
  set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/certssb.pc.in ${PROJECT_BINARY_DIR}/certssb.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/certssb.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/certssb)
