# Tests, benchmarks and fuzz targets. They stand beside the source that they are about, or in
# tests/, bench/ and fuzz/; their names say what they are: *_test.cpp, *_bench.cpp, *_fuzz.cpp.
# A test that needs rapidcheck is called *_property_test.cpp and left out where there is none.

# Links all layers. They are one group because tests may look into any of them.
function(moonlet_link_everything target)
  foreach(folder cli store project runtime api image stdlib vm heap frontend bytecode base)
    if(TARGET moonlet_${folder})
      target_link_libraries(${target} PRIVATE moonlet_${folder})
    endif()
  endforeach()
  target_link_libraries(${target} PRIVATE moonlet_options moonlet_test_options)
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}")
  moonlet_use_dependencies(${target} nlohmann_json fmt boost_asio)
  target_compile_definitions(${target} PRIVATE "MOONLET_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
endfunction()

if(MOONLET_BUILD_TESTS)
  enable_testing()
  file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/*_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/*_test.cpp"
    "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")

  if(CMAKE_CROSSCOMPILING)
    # The packaged library is for the host; its packaged source is not.
    if(EXISTS /usr/src/googletest/googletest/CMakeLists.txt)
      set(INSTALL_GTEST OFF)
      add_subdirectory(/usr/src/googletest/googletest "${PROJECT_BINARY_DIR}/googletest"
        EXCLUDE_FROM_ALL)
    endif()
  else()
    find_package(GTest REQUIRED)
    find_package(rapidcheck QUIET)
    if(NOT rapidcheck_FOUND AND EXISTS /usr/include/rapidcheck.h)
      find_library(MOONLET_RAPIDCHECK_LIBRARY rapidcheck)
    endif()
  endif()

  if(TARGET rapidcheck)
    set(moonlet_rapidcheck rapidcheck)
  elseif(MOONLET_RAPIDCHECK_LIBRARY)
    set(moonlet_rapidcheck "${MOONLET_RAPIDCHECK_LIBRARY}")
  else()
    message(STATUS "No rapidcheck: leaving out *_property_test.cpp")
    list(FILTER test_sources EXCLUDE REGEX "_property_test\\.cpp$")
  endif()

  if(test_sources AND TARGET GTest::gtest_main)
    add_executable(moonlet_tests ${test_sources})
    moonlet_link_everything(moonlet_tests)
    target_link_libraries(moonlet_tests PRIVATE GTest::gtest_main ${moonlet_rapidcheck})
    if(TARGET moonlet)
      target_compile_definitions(moonlet_tests PRIVATE
        "MOONLET_PROGRAM=\"$<TARGET_FILE:moonlet>\"")
      add_dependencies(moonlet_tests moonlet)
    endif()
    add_test(NAME moonlet_tests COMMAND moonlet_tests)
    # Threads alone, for sanitizers: scripts/build.sh tsan moonlet_runtime_tests.
    set(runtime_test_sources ${test_sources})
    list(FILTER runtime_test_sources INCLUDE REGEX "/src/runtime/")
    add_executable(moonlet_runtime_tests EXCLUDE_FROM_ALL ${runtime_test_sources})
    target_link_libraries(moonlet_runtime_tests PRIVATE
      moonlet_runtime moonlet_options moonlet_test_options GTest::gtest_main)
    moonlet_use_dependencies(moonlet_runtime_tests boost_asio)
    # Programs that tests start as processes of their own; they see what embedders see.
    add_executable(moonlet_one_step "${PROJECT_SOURCE_DIR}/tests/programs/one_step.cpp")
    target_link_libraries(moonlet_one_step PRIVATE Moonlet::moonlet moonlet_options)
    target_compile_definitions(moonlet_tests PRIVATE
      "MOONLET_ONE_STEP=\"$<TARGET_FILE:moonlet_one_step>\"")
    add_dependencies(moonlet_tests moonlet_one_step)
    add_executable(moonlet_golden_step "${PROJECT_SOURCE_DIR}/tests/programs/golden_step.cpp")
    target_link_libraries(moonlet_golden_step PRIVATE Moonlet::moonlet moonlet_options)
    target_include_directories(moonlet_golden_step PRIVATE "${PROJECT_SOURCE_DIR}")
    add_dependencies(moonlet_tests moonlet_golden_step)
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT MOONLET_SANITIZE)
      add_executable(moonlet_die_in_rename
        "${PROJECT_SOURCE_DIR}/tests/programs/die_in_rename.cpp")
      target_link_libraries(moonlet_die_in_rename PRIVATE moonlet_options)
      add_dependencies(moonlet_tests moonlet_die_in_rename)
    endif()
  endif()
endif()

# examples/scripting/NAME.cpp becomes example_NAME, http_server and event_loop only where there is
# Boost. Those that end by themselves check what came out, and are tests.
if(MOONLET_BUILD_TESTS AND TARGET moonlet_runtime)
  file(GLOB example_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/scripting/*.cpp")
  if(NOT TARGET moonlet_dep_boost_asio)
    list(FILTER example_sources EXCLUDE REGEX "/(http_server|event_loop)\\.cpp$")
  endif()
  foreach(source IN LISTS example_sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(example_${name} "${source}")
    target_link_libraries(example_${name} PRIVATE moonlet_runtime moonlet_options)
    moonlet_use_dependencies(example_${name} boost_asio)
    if(NOT name MATCHES "^(http_server|console)$")
      add_test(NAME example_${name} COMMAND example_${name})
      set_tests_properties(example_${name} PROPERTIES TIMEOUT 60)
    endif()
  endforeach()
endif()

# scripts/build.sh release moonlet_runtime_figures
if(TARGET moonlet_runtime)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(MOONLET_LUA54 QUIET IMPORTED_TARGET lua5.4)
  endif()
  add_executable(moonlet_runtime_figures EXCLUDE_FROM_ALL
    "${PROJECT_SOURCE_DIR}/bench/runtime/main.cpp")
  target_link_libraries(moonlet_runtime_figures PRIVATE moonlet_runtime moonlet_options)
  target_compile_definitions(moonlet_runtime_figures PRIVATE
    "MOONLET_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"" "MOONLET_HAVE_LUA54=$<BOOL:${MOONLET_LUA54_FOUND}>")
  if(TARGET PkgConfig::MOONLET_LUA54)
    target_link_libraries(moonlet_runtime_figures PRIVATE PkgConfig::MOONLET_LUA54)
  endif()
endif()

if(MOONLET_BUILD_BENCHMARKS)
  file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/*_bench.cpp" "${PROJECT_SOURCE_DIR}/bench/*_bench.cpp")
  if(bench_sources)
    find_package(benchmark REQUIRED)
    add_executable(moonlet_bench ${bench_sources})
    moonlet_link_everything(moonlet_bench)
    target_link_libraries(moonlet_bench PRIVATE benchmark::benchmark_main)
  endif()

  # What embedders see is all that these figures are measured through.
  file(GLOB figure_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/figures/*.cpp")
  find_package(Threads REQUIRED)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(MOONLET_LUA54 QUIET IMPORTED_TARGET lua5.4)
  endif()
  add_executable(moonlet_figures ${figure_sources})
  target_link_libraries(moonlet_figures PRIVATE Moonlet::moonlet moonlet_options Threads::Threads)
  target_include_directories(moonlet_figures PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(moonlet_figures PRIVATE
    "MOONLET_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"" "MOONLET_HAVE_LUA54=$<BOOL:${MOONLET_LUA54_FOUND}>")
  if(TARGET PkgConfig::MOONLET_LUA54)
    target_link_libraries(moonlet_figures PRIVATE PkgConfig::MOONLET_LUA54)
  endif()
endif()

if(MOONLET_BUILD_FUZZERS)
  if(NOT moonlet_is_clang)
    message(FATAL_ERROR "MOONLET_BUILD_FUZZERS needs clang, which brings libFuzzer")
  endif()
  file(GLOB_RECURSE fuzz_sources CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/*_fuzz.cpp" "${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cpp")
  foreach(source IN LISTS fuzz_sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    moonlet_link_everything(${name})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()
