#include "adapters/http/docs_page.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace medflow::http {
namespace {

constexpr std::string_view starter =
    "SwaggerUIBundle({url:'/api/docs/openapi.json',dom_id:'#api',deepLinking:true,filter:true,validatorUrl:null});";

constexpr std::string_view nothing_else =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::string_view head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>MedFlow: API</title>\n";

constexpr std::string_view plain_page =
    "</head>\n<body>\n<h1>MedFlow: API</h1>\n"
    "<p>The description of this API is the OpenAPI document <a href=\"/api/docs/openapi.json\">openapi.json</a>; its "
    "errors are "
    "explained <a href=\"/api/docs/errors\">here</a>.</p>\n"
    "<p>This build was made without Swagger UI, which would show it here. <code>./dev build</code> fetches it with "
    "npm; without "
    "<code>./dev</code>, name the folder of the package <code>swagger-ui-dist</code> to CMake as "
    "<code>MEDFLOW_SWAGGER_UI</code>.</p>\n</body>\n</html>\n";

/// A hash source of a Content-Security-Policy (CSP Level 3, 2.3.1).
std::string hash_source(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not there");
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return "'sha256-" + std::string(reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)) + "'";
}

// A script's text ends at the first "</script", and a "<!--" that is not closed before "<script" would hide that end.
bool can_stand_in_html(std::string_view script) {
  if (script.find("</script") != std::string_view::npos) return false;
  for (std::size_t at = script.find("<!--"); at != std::string_view::npos; at = script.find("<!--", at + 4))
    if (script.find("-->", at) > script.find("<script", at)) return false;
  return true;
}

}  // namespace

Page make_docs_page(std::string_view script, std::string_view style) {
  Page page{.html = std::string(head), .policy = std::string(nothing_else)};
  if (script.empty() || style.empty() || !can_stand_in_html(script) ||
      style.find("</style") != std::string_view::npos) {
    page.html += plain_page;
    return page;
  }
  page.html.append("<style>").append(style).append("</style>\n</head>\n<body>\n<div id=\"api\"></div>\n<script>");
  page.html.append(script).append("</script>\n<script>").append(starter).append("</script>\n</body>\n</html>\n");
  page.policy.append("; script-src ").append(hash_source(script)).append(" ").append(hash_source(starter));
  page.policy.append("; style-src ").append(hash_source(style));
  page.policy += "; img-src data:; connect-src 'self'";
  return page;
}

const Page& docs_page() {
  static const Page page = make_docs_page(swagger_script(), swagger_style());
  return page;
}

}  // namespace medflow::http
