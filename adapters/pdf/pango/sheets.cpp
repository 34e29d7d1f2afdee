#include "adapters/pdf/pango/sheets.hpp"

#include <cairo-pdf.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace medflow::pdf {
namespace {

constexpr double most_of_a_page = text_height * 0.8;  // what is higher is begun where it comes, and broken
constexpr double footer_gap = 12;
constexpr double footer_height = 26;                   ///< of its text: two lines
constexpr const char* epoch = "2000-01-01T00:00:00Z";  // the same paper is the same bytes, whenever it is printed

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* to) const { cairo_destroy(to); }
};

struct Free {
  void operator()(char* text) const { g_free(text); }
};

cairo_status_t append(void* closure, const unsigned char* bytes, unsigned int count) {
  try {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
  } catch (...) {
    return CAIRO_STATUS_WRITE_ERROR;
  }
}

void require(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error(cairo_status_to_string(status));
}

}  // namespace

void Sheets::begin_page() {
  pages_.emplace_back();
  y_ = margin;
  if (head_) head_();
  top_ = y_;
}

void Sheets::need(double height) {
  if (left() < height && !at_top()) begin_page();
}

void Sheets::put(Page& page, const Cell& cell, const SetLine& line, double top) const {
  page.lines.push_back({.line = line.line,
                        .x = place(cell.x, cell.width) + line.x,
                        .baseline = top + line.baseline,
                        .grey = cell.text.grey()});
}

void Sheets::row(std::vector<Cell> cells) {
  // Scripts differ in height: what stands in a row stands on one baseline.
  double baseline = 0;
  for (const Cell& cell : cells)
    if (!cell.text.lines().empty()) baseline = std::max(baseline, cell.text.lines().front().baseline);
  std::vector<double> lowered(cells.size());
  double height = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].text.lines().empty()) continue;
    lowered[i] = baseline - cells[i].text.lines().front().baseline;
    height = std::max(height, lowered[i] + cells[i].text.height());
  }
  if (height <= most_of_a_page) need(height);
  std::vector<std::size_t> done(cells.size());
  for (bool all = false; !all;) {
    all = true;
    double reached = y_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto& lines = cells[i].text.lines();
      const std::size_t first = done[i];
      const double top = first == 0 ? y_ + lowered[i] : y_ - (first < lines.size() ? lines[first].top : 0);
      // A line that is higher than a page is put down all the same: it has to stand somewhere.
      for (; done[i] < lines.size(); ++done[i]) {
        if (top + lines[done[i]].bottom > text_bottom + 0.01 && (done[i] != first || y_ > top_)) break;
        put(pages_.back(), cells[i], lines[done[i]], top);
        reached = std::max(reached, top + lines[done[i]].bottom);
      }
      all = all && done[i] == lines.size();
    }
    y_ = reached;
    if (!all) begin_page();
  }
  for (Cell& cell : cells) kept_.push_back(std::move(cell.text));
}

void Sheets::rule(double thickness, double grey) {
  pages_.back().rules.push_back({.y = y_, .thickness = thickness, .grey = grey});
}

void Sheets::draw_page(cairo_t* to, const Page& page) const {
  for (const Rule& rule : page.rules) {
    cairo_set_source_rgb(to, rule.grey, rule.grey, rule.grey);
    cairo_set_line_width(to, rule.thickness);
    cairo_move_to(to, margin, rule.y);
    cairo_line_to(to, page_width - margin, rule.y);
    cairo_stroke(to);
  }
  for (const Line& line : page.lines) {
    cairo_set_source_rgb(to, line.grey, line.grey, line.grey);
    cairo_move_to(to, line.x, line.baseline);
    pango_cairo_show_layout_line(to, line.line);
  }
}

void Sheets::foot(Page& page, const Setter& setter, const std::string& said, const std::string& number) {
  const Face small{.size_pt = 8, .grey = 0.35};
  SetText count = setter.set(number, small);
  const double width = count.natural_width() + 1;
  count.fit(width, Side::end);
  SetText text = setter.set(said, small);
  text.fit(text_width - width - footer_gap, Side::start);
  page.rules.push_back({.y = text_bottom + footer_gap, .thickness = 0.4, .grey = 0.6});
  Cell cells[] = {{.text = std::move(text), .x = 0, .width = text_width - width - footer_gap},
                  {.text = std::move(count), .x = text_width - width, .width = width}};
  for (Cell& cell : cells) {
    for (const SetLine& line : cell.text.lines())
      if (line.bottom <= footer_height) put(page, cell, line, text_bottom + footer_gap + 4);
    kept_.push_back(std::move(cell.text));
  }
}

std::string Sheets::draw(const std::string& title, const std::string& author, const Setter& setter,
                         const std::string& footer) {
  for (std::size_t i = 0; i < pages_.size(); ++i)
    foot(pages_[i], setter, footer, std::to_string(i + 1) + " / " + std::to_string(pages_.size()));
  std::string bytes;
  const std::unique_ptr<cairo_surface_t, Destroy> surface(
      cairo_pdf_surface_create_for_stream(append, &bytes, page_width, page_height));
  const auto describe = [&](cairo_pdf_metadata_t what, const std::string& value) {
    const std::unique_ptr<char, Free> valid(g_utf8_make_valid(value.data(), static_cast<gssize>(value.size())));
    cairo_pdf_surface_set_metadata(surface.get(), what, valid.get());
  };
  describe(CAIRO_PDF_METADATA_TITLE, title);
  describe(CAIRO_PDF_METADATA_AUTHOR, author);
  describe(CAIRO_PDF_METADATA_CREATOR, "MedFlow");
  describe(CAIRO_PDF_METADATA_CREATE_DATE, epoch);
  {
    const std::unique_ptr<cairo_t, Destroy> to(cairo_create(surface.get()));
    for (const Page& page : pages_) {
      draw_page(to.get(), page);
      cairo_show_page(to.get());
    }
    require(cairo_status(to.get()));
  }
  cairo_surface_finish(surface.get());
  require(cairo_surface_status(surface.get()));
  return bytes;
}

}  // namespace medflow::pdf
