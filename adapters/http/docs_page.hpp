// The page at /api/docs: Swagger UI over the OpenAPI document.
#pragma once

#include <string>
#include <string_view>

namespace medflow::http {

/// An HTML page, and the policy that allows its own scripts and styles, by their hashes, and nothing else.
struct Page {
  std::string html{};
  std::string policy{};
};

/// The page of this build. Without Swagger UI in it, a page that says how to get it.
const Page& docs_page();

/// The page around a script and a style, both UTF-8. Where either is empty, or the script cannot stand in HTML, the page without them.
Page make_docs_page(std::string_view script, std::string_view style);

/// Swagger UI's own files as this build has them; empty where it has none.
std::string_view swagger_script();
std::string_view swagger_style();

}  // namespace medflow::http
