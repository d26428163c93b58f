#pragma once

#include <string>

namespace mailhaul::config {

// The options as a table in Markdown: the body of docs/configuration.md.
std::string OptionsAsMarkdown();

}  // namespace mailhaul::config
