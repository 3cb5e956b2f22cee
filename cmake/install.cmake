# SPDX-License-Identifier: MIT
# The installed package: headers, one file of targets a component, CMake's and pkg-config's descriptions. All of it is
# the same on every machine, so it goes under share/.

include(GNUInstallDirs)
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

configure_file(${CMAKE_CURRENT_LIST_DIR}/certssb.pc.in ${PROJECT_BINARY_DIR}/certssb.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/certssb.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/certssb)
