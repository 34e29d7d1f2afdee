// Text for the inside of an HTML page.
#pragma once

#include <string>
#include <string_view>

namespace medflow::text {

/// Appends text so that it is read as such between tags, and within an attribute's double quotes.
inline void append_html(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
}

}  // namespace medflow::text
