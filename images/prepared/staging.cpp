// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/staging.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace rescue::prepared {
namespace fs = std::filesystem;

void refuse_other_image(const std::string& folder) {
  if (!fs::exists(folder + "/manifest.json")) return;
  throw Error(ErrorCode::conflict, folder + " has an image already", "Name a new folder: --out DIR.");
}

Staging::Staging(const std::string& folder) : folder_(folder) {
  refuse_other_image(folder);
  constexpr mode_t for_all = 0755;
  make_folder(folder, for_all);
  path_ = folder + "/.image-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) {
    throw system_error("cannot write to " + folder, errno, "Name a folder that this user may write to.");
  }
}

Staging::~Staging() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Staging::publish() const {
  std::vector<fs::path> last;
  for (const auto& entry : fs::directory_iterator(path_)) {
    const auto name = entry.path().filename();
    fs::permissions(entry.path(), fs::perms(0644));
    if (name.string().starts_with("manifest.json"))
      last.push_back(name);
    else
      fs::rename(entry.path(), folder_ / name);
  }
  std::sort(last.rbegin(), last.rend());  // the signature before its manifest
  for (const auto& name : last) fs::rename(path_ / name, folder_ / name);
}

}  // namespace rescue::prepared
