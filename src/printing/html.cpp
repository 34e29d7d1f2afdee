#include "text/html.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "printing/paper.hpp"

namespace medflow::inline v1::printing {
namespace {

constexpr std::string_view style =
    "@page{size:A4;margin:18mm 16mm 20mm;@bottom-right{content:counter(page) \" / \" counter(pages)}}"
    "body{font:10.5pt/1.4 sans-serif;color:#111;margin:0 auto;max-width:178mm}"
    "header{border-bottom:1.5pt solid #111;margin-bottom:5mm}"
    "h1{font-size:17pt;margin:0 0 3mm}h2{font-size:11.5pt;margin:6mm 0 2mm;break-after:avoid}"
    ".issuer{margin:0 0 2mm;color:#444}"
    "dl{display:grid;grid-template-columns:max-content auto;gap:.5mm 6mm;margin:3mm 0}"
    "dt{color:#555}dd{margin:0}dd,td,p{white-space:pre-line;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{padding:1mm 2mm;text-align:start;vertical-align:top;border-bottom:.4pt solid #bbb}"
    "th{border-bottom:1pt solid #111}"
    ".n{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".strong td{font-weight:bold;border-top:1pt solid #111}"
    "footer{margin-top:8mm;border-top:.4pt solid #bbb;padding-top:2mm;color:#555;font-size:9pt}";

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
    raw("<head><meta charset=\"utf-8\"><title>").text(paper.title).raw("</title>\n<style>").raw(style);
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
  /// What somebody wrote may run in the other direction than what stands around it.
  Page& value(std::string_view said) { return raw("<bdi>").text(said).raw("</bdi>"); }

  void table(const Paper::Block& block) {
    const auto cell = [&](std::size_t column) -> std::string_view {
      return column < block.is_number.size() && block.is_number[column] ? " class=\"n\"" : "";
    };
    raw("<table>\n<thead><tr>");
    for (std::size_t i = 0; i < block.columns.size(); ++i)
      raw("<th scope=\"col\"").raw(cell(i)).raw(">").text(block.columns[i]).raw("</th>");
    raw("</tr></thead>\n<tbody>\n");
    for (const Paper::Row& row : block.rows) {
      raw(row.strong ? "<tr class=\"strong\">" : "<tr>");
      for (std::size_t i = 0; i < row.cells.size(); ++i)
        raw("<td").raw(cell(i)).raw(">").value(row.cells[i]).raw("</td>");
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
