# Who may include whom, where the compiler's include paths cannot say it: `cmake -D ROOT=<source dir> -P layers.cmake`.

set(broken "")

# only_in(folders pattern allowed): in these folders a file may have an include that matches `pattern` only if its path matches
# `allowed`.
function(only_in folders pattern allowed)
  foreach(folder IN LISTS folders)
    file(GLOB_RECURSE files RELATIVE "${ROOT}" "${ROOT}/${folder}/*.hpp" "${ROOT}/${folder}/*.cpp")
    foreach(file IN LISTS files)
      file(STRINGS "${ROOT}/${file}" lines REGEX "^#include ${pattern}")
      if(lines AND NOT file MATCHES "${allowed}")
        string(APPEND broken "${file}: ${lines}\n")
      endif()
    endforeach()
  endforeach()
  set(broken "${broken}" PARENT_SCOPE)
endfunction()

only_in("include" "(<[^>]*[./]|\"(\\.|[^m]|m[^e]))" "^$") # the standard library and medflow/ alone
only_in("src" "(<boost/|\"adapters/)" "^$")
only_in("src;adapters" "<sodium" "^src/crypto/")
only_in("src;adapters" "<libical/" "^src/time/")
only_in("src;adapters" "<(pango|cairo|hb)" "^adapters/pdf/pango/")
only_in("src;adapters" "<boost/json" "^adapters/json/")
only_in("src;adapters" "<boost/(beast|asio)" "^adapters/http/")
only_in("src" "[<\"](sqlite3|libpq)" "^src/storage/")
only_in("adapters" "[<\"](sqlite3|libpq)" "^$")

# R2 and R16: the library asks nobody but its ports for the time, for chance or for the environment.
file(GLOB_RECURSE files RELATIVE "${ROOT}" "${ROOT}/src/*.hpp" "${ROOT}/src/*.cpp" "${ROOT}/include/*.hpp")
list(REMOVE_ITEM files "src/time/system_clock.cpp")
foreach(file IN LISTS files)
  file(STRINGS "${ROOT}/${file}" lines REGEX "system_clock::now|random_device|std::rand[^o]|getenv")
  if(lines)
    string(APPEND broken "${file}: ${lines}\n")
  endif()
endforeach()

if(broken)
  message(FATAL_ERROR "What crosses a wall:\n${broken}")
endif()
message("All sources keep to their rooms")
