#include "adapters/cli/render.hpp"

#include <algorithm>
#include <vector>

#include "adapters/cli/text.hpp"
#include "medflow/money.hpp"
#include "medflow/page.hpp"

namespace medflow::cli {
namespace {

constexpr std::size_t cell_width_max = 36;
constexpr std::size_t columns_max = 7;

std::string inline_text(const Type& type, void* at);

/// What says nothing where there is little room: `false`, and the first word of an enumeration, which is the usual one.
bool goes_without_saying(const Type& type, const void* at) {
  return (type.kind == Kind::boolean || type.kind == Kind::enumeration) && type.get_integer(at) == 0;
}

std::string inline_object(const Type& type, void* at) {
  std::string text;
  for (const Field& field : type.fields) {
    if (goes_without_saying(*field.type, field.at(at))) continue;
    const std::string part = inline_text(*field.type, field.at(at));
    if (part.empty()) continue;
    text.append(text.empty() ? "" : ", ").append(field.name).append(" ").append(part);
  }
  return text;
}

/// Any value on one line; empty where it holds nothing.
std::string inline_text(const Type& type, void* at) {
  switch (type.kind) {
    case Kind::optional:
    case Kind::change:
      return type.has(at) ? inline_text(*type.element, type.get(at)) : std::string();
    case Kind::object:
      return inline_object(type, at);
    case Kind::money: {
      const auto& money = *static_cast<const Money*>(at);
      return std::to_string(money.minor) + ' ' + std::string(money.currency.code());
    }
    case Kind::list: {
      std::string text;
      for (std::size_t i = 0; i < type.size(at); ++i) {
        const std::string item = inline_text(*type.element, type.item(at, i));
        text.append(i == 0 ? "" : (type.element->kind == Kind::object ? "; " : ", ")).append(item);
      }
      return text;
    }
    case Kind::secret:
    case Kind::content:
    case Kind::stream:
      return {};
    default:
      return harmless(scalar_text(type, at));
  }
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t has = width(text);
  return has < columns ? text + std::string(columns - has, ' ') : text;
}

std::string shortened(const std::string& text, std::size_t columns) {
  if (width(text) <= columns) return text;
  std::size_t count = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && ++count == columns) break;
    ++at;
  }
  return text.substr(0, at) + "…";
}

/// Items of a list of objects stand on lines of their own, below each other.
std::string object_lines(const Type& type, void* at) {
  std::size_t columns = 0;
  for (const Field& field : type.fields) columns = std::max(columns, field.name.size());
  std::string out;
  for (const Field& field : type.fields) {
    const Type& inner = plain(*field.type);
    void* member = field.at(at);
    const bool rows = inner.kind == Kind::list && inner.element->kind == Kind::object && field.type->kind == Kind::list;
    const std::string label = padded(std::string(field.name), columns) + "  ";
    if (!rows) {
      const std::string text = inline_text(*field.type, member);
      if (!text.empty()) out.append(label).append(text).append("\n");
      continue;
    }
    for (std::size_t i = 0; i < inner.size(member); ++i)
      out.append(i == 0 ? label : std::string(columns + 2, ' '))
          .append(inline_text(*inner.element, inner.item(member, i)))
          .append("\n");
  }
  return out;
}

/// Who changed a row and when is for the single object; a table has room for what tells rows apart.
bool is_bookkeeping(std::string_view name) {
  return name == "revision" || name.ends_with("_at") || name.ends_with("_by");
}

struct Column {
  std::string_view name{};
  std::vector<std::string> cells{};
  std::size_t columns = 0;
};

std::vector<Column> columns_of(const Type& list, void* at) {
  std::vector<Column> columns;
  for (const Field& field : list.element->fields) {
    if (is_bookkeeping(field.name) || columns.size() == columns_max) continue;
    Column column{.name = field.name, .columns = field.name.size()};
    bool any = false;
    for (std::size_t i = 0; i < list.size(at); ++i) {
      std::string cell = shortened(inline_text(*field.type, field.at(list.item(at, i))), cell_width_max);
      any = any || (!cell.empty() && cell != "false");
      column.columns = std::max(column.columns, width(cell));
      column.cells.push_back(std::move(cell));
    }
    if (any) columns.push_back(std::move(column));
  }
  return columns;
}

std::string table(const Type& list, void* at) {
  const auto columns = columns_of(list, at);
  std::string out;
  const auto end_line = [&] {
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  };
  for (const Column& column : columns) out.append(padded(std::string(column.name), column.columns)).append("  ");
  end_line();
  for (std::size_t i = 0; i < list.size(at); ++i) {
    for (const Column& column : columns) out.append(padded(column.cells[i], column.columns)).append("  ");
    end_line();
  }
  return out;
}

std::string page(const Type& type, void* at) {
  std::string out;
  for (const Field& field : type.fields) {
    void* member = field.at(at);
    if (field.name == "data") {
      out += field.type->size(member) == 0 ? "(none)\n" : table(*field.type, member);
    } else if (field.name == "page") {
      const auto& info = *static_cast<const PageInfo*>(member);
      if (info.next) out.append("more: --cursor ").append(harmless(*info.next)).append("\n");
    }
  }
  return out;
}

}  // namespace

std::string render(const OperationRow& row, Value& value) {
  if (row.shape == Shape::page) return page(*row.output, value.data());
  return object_lines(*row.output, value.data());
}

}  // namespace medflow::cli
