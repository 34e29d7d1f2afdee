#include "adapters/pdf/printer.hpp"

namespace medflow::pdf {

std::shared_ptr<PdfPrinter> printer() { return nullptr; }

}  // namespace medflow::pdf
