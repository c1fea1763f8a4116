# Libraries that the outer layers use. Each becomes a target moonlet_dep_<name>; where a library is
# missing there is no such target, and a layer that asked for it is told by MOONLET_HAVE_<NAME>=0.
#
# Header-only libraries can be used when cross-compiling, but /usr/include as a whole must not be
# seen by a cross compiler. They are reached through links in the build folder instead.

set(moonlet_host_headers "${CMAKE_BINARY_DIR}/host-headers")

function(moonlet_header_dependency name folder probe)
  find_path(MOONLET_${name}_ROOT "${probe}"
    HINTS /usr/include /usr/local/include
    NO_CMAKE_FIND_ROOT_PATH)
  if(NOT MOONLET_${name}_ROOT)
    return()
  endif()
  add_library(moonlet_dep_${name} INTERFACE)
  if(CMAKE_CROSSCOMPILING)
    file(MAKE_DIRECTORY "${moonlet_host_headers}")
    file(CREATE_LINK "${MOONLET_${name}_ROOT}/${folder}" "${moonlet_host_headers}/${folder}"
      SYMBOLIC)
    target_include_directories(moonlet_dep_${name} SYSTEM INTERFACE "${moonlet_host_headers}")
  elseif(NOT MOONLET_${name}_ROOT STREQUAL "/usr/include")
    target_include_directories(moonlet_dep_${name} SYSTEM INTERFACE "${MOONLET_${name}_ROOT}")
  endif()
endfunction()

moonlet_header_dependency(nlohmann_json nlohmann nlohmann/json.hpp)
moonlet_header_dependency(xxhash xxhash.h xxhash.h)
if(NOT TARGET moonlet_dep_xxhash)
  message(FATAL_ERROR "xxhash.h was not found (Debian: libxxhash-dev); states have its checksum")
endif()

if(MOONLET_BUILD_TOOLS)
  moonlet_header_dependency(cli11 CLI CLI/CLI.hpp)
  moonlet_header_dependency(valijson valijson valijson/validator.hpp)
  if(TARGET moonlet_dep_valijson)
    target_compile_definitions(moonlet_dep_valijson INTERFACE VALIJSON_USE_EXCEPTIONS=1)
  endif()
  if(NOT TARGET moonlet_dep_valijson OR NOT TARGET moonlet_dep_nlohmann_json)
    message(FATAL_ERROR "Project files need valijson and nlohmann/json.hpp (Debian: "
      "libvalijson-dev, nlohmann-json3-dev)")
  endif()

  moonlet_header_dependency(concurrentqueue concurrentqueue concurrentqueue/concurrentqueue.h)
  if(NOT TARGET moonlet_dep_concurrentqueue)
    message(FATAL_ERROR "Runners need concurrentqueue (Debian: libconcurrentqueue-dev)")
  endif()
  find_package(Threads REQUIRED)
  add_library(moonlet_dep_threads INTERFACE)
  target_link_libraries(moonlet_dep_threads INTERFACE Threads::Threads)

  # Asio and Beast, as headers.
  moonlet_header_dependency(boost_asio boost boost/asio.hpp)
  if(TARGET moonlet_dep_boost_asio)
    target_compile_definitions(moonlet_dep_boost_asio INTERFACE BOOST_ASIO_NO_DEPRECATED=1)
    target_link_libraries(moonlet_dep_boost_asio INTERFACE Threads::Threads)
  endif()

  # fmt and spdlog are used as headers, so that both compilers and the cross build agree on them.
  moonlet_header_dependency(fmt fmt fmt/format.h)
  if(TARGET moonlet_dep_fmt)
    target_compile_definitions(moonlet_dep_fmt INTERFACE FMT_HEADER_ONLY=1)
  endif()
  moonlet_header_dependency(spdlog spdlog spdlog/spdlog.h)
  if(TARGET moonlet_dep_spdlog AND TARGET moonlet_dep_fmt)
    target_compile_definitions(moonlet_dep_spdlog INTERFACE SPDLOG_FMT_EXTERNAL=1)
    target_link_libraries(moonlet_dep_spdlog INTERFACE moonlet_dep_fmt Threads::Threads)
  endif()

  find_package(SQLite3)
  if(SQLite3_FOUND)
    add_library(moonlet_dep_sqlite INTERFACE)
    target_link_libraries(moonlet_dep_sqlite INTERFACE SQLite::SQLite3)
  endif()

  find_path(MOONLET_LIBEDIT_INCLUDE histedit.h)
  # Static where there is all that it needs: a third of the time that the program takes to start
  # goes into looking for shared libraries.
  find_library(MOONLET_LIBEDIT_STATIC libedit.a)
  set(static_libraries "${MOONLET_LIBEDIT_STATIC}")
  foreach(name tinfo bsd md)
    find_library(MOONLET_STATIC_${name} lib${name}.a)
    list(APPEND static_libraries "${MOONLET_STATIC_${name}}")
  endforeach()
  if(MOONLET_LIBEDIT_STATIC AND MOONLET_STATIC_tinfo AND MOONLET_STATIC_bsd AND MOONLET_STATIC_md)
    set(MOONLET_LIBEDIT_LIBRARY "${static_libraries}")
  else()
    find_library(MOONLET_LIBEDIT_LIBRARY edit)
  endif()
  if(MOONLET_LIBEDIT_INCLUDE AND MOONLET_LIBEDIT_LIBRARY)
    add_library(moonlet_dep_libedit INTERFACE)
    target_link_libraries(moonlet_dep_libedit INTERFACE ${MOONLET_LIBEDIT_LIBRARY})
  endif()
endif()
