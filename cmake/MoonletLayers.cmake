# moonlet_layer(<folder> [VM] [PROFILED] [PRELUDE] [DEPENDS <folders>] [PACKAGES <names>] [HEADERS <names>]
#               [PROGRAM <name>])
#
# Makes the static library moonlet_<folder> from src/<folder>/, or an empty interface library while
# the folder has no source yet. VM: build without exceptions and RTTI, against the standard library
# alone. PROFILED: by the profile, which makes code a sixth larger, so only what programs spend their
# time in. PRELUDE: compile src/<folder>/prelude/*.lua in. PROGRAM: main.cpp of the folder becomes a program
# of that name.

function(moonlet_layer folder)
  cmake_parse_arguments(arg "VM;PROFILED;PRELUDE" "PROGRAM" "DEPENDS;PACKAGES;HEADERS" ${ARGN})
  set(target "moonlet_${folder}")
  set(directory "${PROJECT_SOURCE_DIR}/src/${folder}")

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${directory}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  if(arg_PROGRAM)
    list(REMOVE_ITEM sources "${directory}/main.cpp")
  endif()
  if(arg_PRELUDE)
    moonlet_compile_prelude("${directory}/prelude" prelude_source)
    list(APPEND sources "${prelude_source}")
  endif()

  list(TRANSFORM arg_DEPENDS PREPEND "moonlet_" OUTPUT_VARIABLE dependencies)
  if(NOT sources)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${dependencies})
    target_include_directories(${target} INTERFACE
      "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
  else()
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC
      "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
    target_link_libraries(${target} PUBLIC ${dependencies} PRIVATE moonlet_options)
    if(arg_VM)
      target_link_libraries(${target} PRIVATE moonlet_vm_options)
    endif()
    if(arg_PROFILED)
      target_link_libraries(${target} PRIVATE moonlet_profile_options)
      if(MOONLET_USES_PROFILE)
        set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS "${MOONLET_PROFILE_FILE}")
      endif()
    endif()
    if(folder STREQUAL "vm")
      target_link_libraries(${target} PRIVATE moonlet_interpreter_options)
    endif()
    moonlet_use_dependencies(${target} ${arg_PACKAGES} ${arg_HEADERS})
  endif()

  if(arg_PROGRAM AND EXISTS "${directory}/main.cpp")
    add_executable(${arg_PROGRAM} "${directory}/main.cpp")
    if(MOONLET_STATIC_PROGRAMS)
      target_link_options(${arg_PROGRAM} PRIVATE -static-pie)
    elseif(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT MOONLET_SANITIZE)
      target_link_options(${arg_PROGRAM} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
    if(MOONLET_ORDERS_FUNCTIONS)
      # What is used stands together: scripts/order_functions.py.
      set(order "${PROJECT_SOURCE_DIR}/cmake/function_order.txt")
      target_link_options(${arg_PROGRAM} PRIVATE
        "-Wl,--symbol-ordering-file=${order}" -Wl,--no-warn-symbol-ordering
        -Wl,--pack-dyn-relocs=relr)
      set_property(TARGET ${arg_PROGRAM} APPEND PROPERTY LINK_DEPENDS "${order}")
    endif()
    target_link_libraries(${arg_PROGRAM} PRIVATE ${target} moonlet_options)
    target_include_directories(${arg_PROGRAM} PRIVATE
      "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
    moonlet_use_dependencies(${arg_PROGRAM} ${arg_PACKAGES} ${arg_HEADERS})
  endif()
endfunction()

# Links what was found of the named libraries and says in macros which they were.
function(moonlet_use_dependencies target)
  foreach(name IN LISTS ARGN)
    string(TOUPPER "${name}" upper)
    if(TARGET moonlet_dep_${name})
      target_link_libraries(${target} PRIVATE moonlet_dep_${name})
      target_compile_definitions(${target} PRIVATE "MOONLET_HAVE_${upper}=1")
    else()
      target_compile_definitions(${target} PRIVATE "MOONLET_HAVE_${upper}=0")
    endif()
  endforeach()
endfunction()

# Writes a C++ file that defines moonlet::stdlib::prelude_chunks() at build time. The program that
# does it is run by CMAKE_CROSSCOMPILING_EMULATOR when this is a cross build.
function(moonlet_compile_prelude directory result)
  file(GLOB_RECURSE preludes CONFIGURE_DEPENDS "${directory}/*.lua" "${directory}/*.luau")
  list(SORT preludes)
  set(output "${PROJECT_BINARY_DIR}/generated/prelude_chunks.cpp")
  add_executable(compile_prelude "${PROJECT_SOURCE_DIR}/cmake/compile_prelude.cpp")
  target_link_libraries(compile_prelude PRIVATE moonlet_frontend moonlet_options)
  # The list is a file of its own so that a prelude that was taken away makes a new output too.
  set(list_file "${PROJECT_BINARY_DIR}/generated/prelude_chunks.txt")
  string(REPLACE ";" "\n" list_text "${preludes}")
  file(CONFIGURE OUTPUT "${list_file}" CONTENT "${list_text}" @ONLY)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND compile_prelude "${output}" "${directory}" ${preludes}
    DEPENDS compile_prelude ${preludes} "${list_file}"
    COMMENT "Compiling the prelude"
    VERBATIM)
  set(${result} "${output}" PARENT_SCOPE)
endfunction()

# libmoonlet: the objects of the layers in one archive. Interface layers have none.
function(moonlet_embedding_library)
  cmake_parse_arguments(arg "" "" "LAYERS" ${ARGN})
  set(objects)
  foreach(folder IN LISTS arg_LAYERS)
    get_target_property(type moonlet_${folder} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND objects "$<TARGET_OBJECTS:moonlet_${folder}>")
    endif()
  endforeach()
  add_library(moonlet_embed STATIC ${objects})
  add_library(Moonlet::moonlet ALIAS moonlet_embed)
  set_target_properties(moonlet_embed PROPERTIES
    OUTPUT_NAME moonlet EXPORT_NAME moonlet LINKER_LANGUAGE CXX)
  target_compile_features(moonlet_embed INTERFACE cxx_std_23)
  target_include_directories(moonlet_embed INTERFACE
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<INSTALL_INTERFACE:include>")
endfunction()

# libmoonlet_runtime for embedders: the folder's objects, on Moonlet::moonlet. The layer's own
# archive has that name in the build folder, so this one lies in a folder of its own.
function(moonlet_runtime_library)
  add_library(moonlet_runtime_embed STATIC $<TARGET_OBJECTS:moonlet_runtime>)
  add_library(Moonlet::runtime ALIAS moonlet_runtime_embed)
  set_target_properties(moonlet_runtime_embed PROPERTIES
    OUTPUT_NAME moonlet_runtime EXPORT_NAME runtime LINKER_LANGUAGE CXX
    ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/embed")
  target_link_libraries(moonlet_runtime_embed PUBLIC moonlet_embed Threads::Threads)
endfunction()
