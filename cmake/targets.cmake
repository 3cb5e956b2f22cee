# SPDX-License-Identifier: MIT
# One INTERFACE target a component. Those whose libraries are missing are left out and named, except core.

include(cmake/components.cmake)

set(certssb_built "")
foreach(component IN LISTS certssb_components)
  if(component STREQUAL "torch" AND NOT CERTSSB_WITH_TORCH)
    continue()
  endif()
  certssb_find_packages(${component} missing)
  foreach(need IN LISTS certssb_${component}_needs)
    if(NOT TARGET certssb_${need})
      list(APPEND missing "component ${need}")
    endif()
  endforeach()
  if(missing AND component STREQUAL "core")
    message(FATAL_ERROR "certssb: cannot be used without ${missing}")
  elseif(missing AND component STREQUAL "torch")
    message(FATAL_ERROR "certssb: CERTSSB_WITH_TORCH is ON, and there is no ${missing} (Debian: libtorch-dev)")
  elseif(missing)
    message(STATUS "certssb: component ${component} left out, missing: ${missing}")
    continue()
  endif()

  add_library(certssb_${component} INTERFACE)
  add_library(certssb::${component} ALIAS certssb_${component})
  set_target_properties(certssb_${component} PROPERTIES EXPORT_NAME ${component})
  list(TRANSFORM certssb_${component}_needs PREPEND certssb_ OUTPUT_VARIABLE needs)
  target_link_libraries(certssb_${component} INTERFACE ${needs} ${certssb_${component}_links})
  list(APPEND certssb_built ${component})
endforeach()

target_compile_features(certssb_core INTERFACE cxx_std_20)
target_include_directories(certssb_core INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
