// Paper as PDF, set by Pango and drawn by cairo: A4, names in every script for which the machine has a font.
#pragma once

#include <memory>

#include "medflow/ports.hpp"

namespace medflow::pdf {

/// Null where this program was built without Pango. Its `print` throws where the machine has no font at all.
std::shared_ptr<PdfPrinter> printer();

}  // namespace medflow::pdf
