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
only_in("src;adapters" "<boost/json" "^adapters/json/")
only_in("src;adapters" "<boost/(beast|asio)" "^adapters/http/")
only_in("src" "[<\"](sqlite3|libpq)" "^src/storage/")

if(broken)
  message(FATAL_ERROR "Includes that cross a wall:\n${broken}")
endif()
message("All includes keep to their rooms")
