#include "text/html.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include "printing/paper.hpp"

namespace medflow::inline v1::printing {
namespace {

constexpr std::string_view style =
    "@page{size:A4;margin:18mm 16mm 20mm;"
    "@bottom-right{content:counter(page) \" / \" counter(pages);font:8pt sans-serif;color:#555}}"
    "body{font:10.5pt/1.4 sans-serif;color:#111;margin:0 auto;max-width:178mm}"
    "@media screen{body{padding:10mm 5mm}}"
    "header{border-bottom:1.5pt solid #111;margin-bottom:5mm}"
    "h1{font-size:17pt;margin:0 0 3mm}h2{font-size:11.5pt;margin:6mm 0 2mm;break-after:avoid}"
    ".issuer{margin:0 0 2mm;color:#444}"
    "dl{display:grid;grid-template-columns:max-content auto;gap:.5mm 6mm;margin:3mm 0}"
    "dt{color:#555}dd{margin:0}h1,dd,td,p,footer{white-space:pre-line;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;font-size:9.5pt}thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{padding:1mm 1.5mm;text-align:start;vertical-align:top;border-bottom:.4pt solid #bbb}"
    "th:first-child,td:first-child{padding-inline-start:0}th:last-child,td:last-child{padding-inline-end:0}"
    "th{border-bottom:1pt solid #111}"
    ".n{text-align:end;font-variant-numeric:tabular-nums}th,.n,.w{white-space:nowrap}"
    ".strong{break-before:avoid}.strong td{font-weight:bold;border-top:1.5pt solid #111}"
    "footer{margin-top:8mm;border-top:.4pt solid #bbb;padding-top:2mm;color:#555;font-size:9pt}"
    "@media print{footer{display:none}}";

/// Said in the page itself, for whoever opens it as a file: nothing is loaded, and nothing is run.
constexpr std::string_view policy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

constexpr std::size_t unbroken_max = 16;  ///< bytes of a number, a day or a code that stay on one line

/// Whether it is no words: a day would be broken at its hyphens.
bool is_unbroken(std::string_view cell) {
  return !cell.empty() && cell.size() <= unbroken_max &&
         std::all_of(cell.begin(), cell.end(), [](char c) { return c > ' ' && c <= '~'; });
}

/// By the language alone (BCP 47).
bool is_right_to_left(std::string_view language) {
  constexpr std::string_view those[] = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"};
  return std::find(std::begin(those), std::end(those), language.substr(0, language.find('-'))) != std::end(those);
}

class Page {
 public:
  std::string take() { return std::move(out_); }

  void begin(const Paper& paper) {
    raw("<!doctype html>\n<html lang=\"").text(paper.language.empty() ? "en" : paper.language);
    raw(is_right_to_left(paper.language) ? "\" dir=\"rtl\">" : "\" dir=\"ltr\">");
    raw("<head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"").raw(policy);
    raw("\"><title>").text(paper.title).raw("</title>\n<style>").raw(style);
    if (!paper.footer.empty())
      raw("@page{@bottom-left{content:\"").style_text(paper.footer).raw("\";font:8pt sans-serif;color:#555}}");
    raw("</style></head>\n<body>\n<header>");
    if (!paper.issuer.empty()) raw("<p class=\"issuer\">").value(paper.issuer).raw("</p>");
    raw("<h1>").value(paper.title).raw("</h1></header>\n");
  }

  void block(const Paper::Block& block) {
    raw("<section>");
    if (!block.heading.empty()) raw("<h2>").value(block.heading).raw("</h2>");
    if (!block.facts.empty()) {
      raw("<dl>");
      for (const auto& [name, said] : block.facts) raw("\n<dt>").text(name).raw("</dt><dd>").value(said).raw("</dd>");
      raw("</dl>");
    }
    if (!block.columns.empty()) table(block);
    if (!block.text.empty()) raw("<p>").value(block.text).raw("</p>");
    raw("</section>\n");
  }

  void end(const Paper& paper) {
    if (!paper.footer.empty()) raw("<footer>").value(paper.footer).raw("</footer>\n");
    raw("</body></html>\n");
  }

 private:
  Page& raw(std::string_view markup) {
    out_.append(markup);
    return *this;
  }
  Page& text(std::string_view text) {
    text::append_html(out_, text);
    return *this;
  }
  /// Within the quotes of a style: ASCII letters, digits and spaces as they are, beyond ASCII too, and all else escaped, with the space that ends an
  /// escape (CSS Syntax Level 3, 4.3.7).
  Page& style_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80 || byte == ' ' || std::isalnum(byte) != 0) {
        out_ += c;
      } else {
        out_.append("\\0000").append({digits[byte >> 4U], digits[byte & 15U], ' '});
      }
    }
    return *this;
  }
  /// What somebody wrote may run in the other direction than what stands around it.
  Page& value(std::string_view said) { return raw("<bdi>").text(said).raw("</bdi>"); }

  void table(const Paper::Block& block) {
    const auto cell = [&](std::size_t column, std::string_view said) -> std::string_view {
      if (column < block.is_number.size() && block.is_number[column]) return " class=\"n\"";
      return is_unbroken(said) ? " class=\"w\"" : "";
    };
    raw("<table>\n<thead><tr>");
    for (std::size_t i = 0; i < block.columns.size(); ++i)
      raw("<th scope=\"col\"").raw(cell(i, "")).raw(">").text(block.columns[i]).raw("</th>");
    raw("</tr></thead>\n<tbody>\n");
    for (const Paper::Row& row : block.rows) {
      raw(row.strong ? "<tr class=\"strong\">" : "<tr>");
      for (std::size_t i = 0; i < row.cells.size(); ++i)
        raw("<td").raw(cell(i, row.cells[i])).raw(">").value(row.cells[i]).raw("</td>");
      raw("</tr>\n");
    }
    raw("</tbody></table>");
  }

  std::string out_{};
};

}  // namespace

std::string as_html(const Paper& paper) {
  Page page;
  page.begin(paper);
  for (const Paper::Block& block : paper.blocks) page.block(block);
  page.end(paper);
  return page.take();
}

}  // namespace medflow::inline v1::printing
