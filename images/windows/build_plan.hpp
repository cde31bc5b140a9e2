// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plan of a Windows rescue image: what would be installed from which medium, and what is missing. Changes nothing.

#include "images/windows/answer_settings.hpp"
#include "images/windows/drivers.hpp"
#include "images/windows/guest_agent.hpp"
#include "images/windows/install_image.hpp"
#include "images/windows/open_ssh.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rescue::windows {

struct BuildRequest {
  std::string iso;          ///< Microsoft's ISO, or a folder with its content
  std::string virtio;       ///< virtio-win's ISO, or a folder with its layout
  std::string feature_iso;  ///< empty: none
  std::string ssh_zip;      ///< empty: none
  std::string edition;
  bool allow_client = false;
  AnswerSettings answers;  ///< without release, index and drivers: the plan has them
};

struct Shortcoming {
  std::string what;
  std::string remedy;
};

struct BuildPlan {
  std::string iso;
  std::string iso_form;
  std::string virtio;
  InstallImage image;
  Edition edition;
  AnswerSettings answers;
  DriverChoice drivers;
  std::optional<GuestAgent> agent;
  std::optional<OpenSsh> open_ssh;
  bool boots_without_prompt = false;  ///< the medium has Microsoft's boot image that asks for no key
  std::vector<Shortcoming> missing;   ///< without these the image would keep no contract
  std::vector<Shortcoming> warnings;
};

/// Opens Microsoft's medium: an ISO, or a folder with its content. Throws `precondition` for anything else, a zip too.
[[nodiscard]] std::unique_ptr<media::Medium> open_windows(const std::string& path);

/// Reads the media and decides. Throws the one error of the first medium that can't be used at all; what can be added
/// by another option is in `missing`. `rescue_wim`: path of the helper.
[[nodiscard]] BuildPlan plan_build(const BuildRequest& request, const std::string& rescue_wim);

[[nodiscard]] nlohmann::ordered_json json_of(const BuildPlan& plan);
/// For people: one fact per line.
[[nodiscard]] std::string text_of(const BuildPlan& plan);

}  // namespace rescue::windows
