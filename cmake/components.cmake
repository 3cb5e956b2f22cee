# SPDX-License-Identifier: MIT
# The components of certssb, in one table: read by the build, by the installed package and by the test house/components.
#   headers   its files and folders below include/certssb/      needs  other components
#   packages  what find_package looks for                       links  the targets they give

set(certssb_components core eigen xtensor tbb torch io certssb images report run verify)

set(certssb_core_headers version.hpp core tensor)
set(certssb_core_packages Boost Threads)
set(certssb_core_links Boost::headers Threads::Threads)

set(certssb_eigen_headers backend/eigen.hpp)
set(certssb_eigen_needs core)
set(certssb_eigen_packages Eigen3)
set(certssb_eigen_links Eigen3::Eigen)

set(certssb_xtensor_headers backend/xtensor.hpp)
set(certssb_xtensor_needs core)
set(certssb_xtensor_packages xtensor)
set(certssb_xtensor_links xtensor)

set(certssb_tbb_headers backend/tbb.hpp)
set(certssb_tbb_needs core)
set(certssb_tbb_packages TBB)
set(certssb_tbb_links TBB::tbb)

# PyTorch's library, libtorch; built where CERTSSB_WITH_TORCH is on.
set(certssb_torch_headers backend/torch)
set(certssb_torch_needs core)
set(certssb_torch_packages Torch)
set(certssb_torch_links torch)

set(certssb_io_headers io)
set(certssb_io_needs xtensor)
set(certssb_io_packages OpenSSL ZLIB)
set(certssb_io_links OpenSSL::Crypto ZLIB::ZLIB)

# What certssb/certssb.hpp needs.
set(certssb_certssb_headers certssb.hpp data attack noise model sigma ensemble vote bound radius certificate storage audit)
set(certssb_certssb_needs eigen)
set(certssb_certssb_packages ZLIB)
set(certssb_certssb_links ZLIB::ZLIB)

set(certssb_images_headers data/decode_image.hpp data/image_reader.hpp)
set(certssb_images_needs certssb)
set(certssb_images_packages JPEG PNG)
set(certssb_images_links JPEG::JPEG PNG::PNG)

set(certssb_report_headers report)
set(certssb_report_needs certssb io)
set(certssb_report_packages PNG nlohmann_json)
set(certssb_report_links PNG::PNG nlohmann_json::nlohmann_json)

set(certssb_run_headers run)
set(certssb_run_needs report images)

set(certssb_verify_headers verify)
set(certssb_verify_needs io)
set(certssb_verify_packages nlohmann_json)
set(certssb_verify_links nlohmann_json::nlohmann_json)

# Looks for the packages of one component; `missing` gets the names of those that are not there.
function(certssb_find_packages component missing)
  set(absent "")
  foreach(package link IN ZIP_LISTS certssb_${component}_packages certssb_${component}_links)
    find_package(${package} QUIET)
    if(NOT TARGET ${link})
      list(APPEND absent ${package})
    endif()
  endforeach()
  # Asked for without a version, since a request for 3.x refuses Eigen 5.
  if(component STREQUAL "eigen" AND Eigen3_VERSION AND Eigen3_VERSION VERSION_LESS 3.3)
    list(APPEND absent "Eigen3 >= 3.3 (found ${Eigen3_VERSION})")
  endif()
  list(JOIN absent ", " absent)
  set(${missing} "${absent}" PARENT_SCOPE)
endfunction()
