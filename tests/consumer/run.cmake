# Builds and runs one consumer project. Called by ctest with WAY, MEDFLOW_SOURCE_DIR, MEDFLOW_BINARY_DIR, CC, CXX, LAUNCHER;
# for a project that compiles MedFlow itself also with BUILD_TYPE, FLAGS, WERROR and CORE_PCH of the build that calls.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  list(JOIN ARGN " " command)
  message(STATUS "${command}\n${output}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${command}")
  endif()
endfunction()

set(work "${MEDFLOW_BINARY_DIR}/consumer/${WAY}")
set(prefix "${work}/prefix")
set(build "${work}/build")
file(REMOVE_RECURSE "${prefix}")

# As this build does it and equally deep, so that ccache knows every compilation already, also where it makes paths relative.
if(WAY STREQUAL "add_subdirectory")
  set(build "${MEDFLOW_BINARY_DIR}.add_subdirectory")
  set(ENV{CCACHE_NOHASHDIR} 1)
  set(ENV{CCACHE_SLOPPINESS} pch_defines,time_macros)
  string(TOUPPER "${BUILD_TYPE}" type)
  set(options "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS_${type}=${FLAGS}" "-DMEDFLOW_WERROR=${WERROR}" "-DMEDFLOW_CORE_PCH=${CORE_PCH}")
endif()

if(NOT WAY STREQUAL "add_subdirectory")
  run("${CMAKE_COMMAND}" --install "${MEDFLOW_BINARY_DIR}" --prefix "${prefix}")
endif()
run("${CMAKE_COMMAND}" -S "${MEDFLOW_SOURCE_DIR}/tests/consumer/${WAY}" -B "${build}" -G Ninja
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_C_COMPILER=${CC}" "-DCMAKE_CXX_COMPILER=${CXX}"
    "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
    "-DMEDFLOW_SOURCE_DIR=${MEDFLOW_SOURCE_DIR}" ${options})
run("${CMAKE_COMMAND}" --build "${build}")
run("${build}/host")

# The same host again, by pkg-config.
if(WAY STREQUAL "find_package")
  file(GLOB_RECURSE pc "${prefix}/*/medflow.pc")
  cmake_path(GET pc PARENT_PATH pc_folder)
  set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
  run(sh -c "'${CXX}' -std=c++20 '${MEDFLOW_SOURCE_DIR}/tests/consumer/find_package/host.cpp' -o '${work}/host_pc' $(pkg-config --static --cflags --libs medflow)")
  run("${work}/host_pc")
endif()
