# SPDX-License-Identifier: MIT
# The INTERFACE targets a consumer links.

function(certssb_component name)
  add_library(certssb_${name} INTERFACE)
  add_library(certssb::${name} ALIAS certssb_${name})
  set_target_properties(certssb_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(certssb_${name} INTERFACE ${ARGN})
endfunction()

certssb_component(core)
target_compile_features(certssb_core INTERFACE cxx_std_20)
target_include_directories(certssb_core INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                  $<INSTALL_INTERFACE:include>)
target_include_directories(certssb_core SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})
target_link_libraries(certssb_core INTERFACE Boost::headers Threads::Threads)

certssb_component(eigen certssb::core Eigen3::Eigen)
certssb_component(certssb certssb::eigen ZLIB::ZLIB)
if(TARGET xtensor)
  certssb_component(xtensor certssb::core xtensor)
endif()
if(TARGET TBB::tbb)
  certssb_component(tbb certssb::core TBB::tbb)
endif()
if(TARGET xtensor AND TARGET PNG::PNG AND TARGET OpenSSL::Crypto AND TARGET nlohmann_json::nlohmann_json)
  certssb_component(report certssb::certssb certssb::xtensor PNG::PNG OpenSSL::Crypto nlohmann_json::nlohmann_json)
endif()
