// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Secrets as their makers seal them, for tests of netbootd, which never has a key or a code.

#include "core/base64.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/service/secret_links.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace rescue::netboot {

constexpr auto sealed_text = "correct horse battery staple";

/// The maker's side, and that of somebody who has the link.
struct SealedByMaker {
  explicit SealedByMaker(bool with_code = true, const std::string& text = sealed_text) {
    if (with_code) code = std::make_unique<Secret>(credentials::generate_code());
    sealed = credentials::seal(Secret(std::string_view(text)), id, key, code.get()).json();
  }

  [[nodiscard]] Secret proof() const { return credentials::proof_of_code(id, key, *code); }
  [[nodiscard]] Secret wrong_proof() const {
    return credentials::proof_of_code(id, key, Secret(std::string_view("0000-0000")));
  }
  [[nodiscard]] NewSecretLink link() const {
    return {id, sealed, code != nullptr, code ? credentials::verifier_of(proof()) : "", usual_link_ttl};
  }
  /// Body of the request that hands it to netbootd.
  [[nodiscard]] nlohmann::json body() const {
    nlohmann::json body{{"link", id}, {"sealed", sealed}};
    if (code) body["verifier"] = base64_of(credentials::verifier_of(proof()));
    return body;
  }
  [[nodiscard]] static nlohmann::json with(const Secret& proof) { return {{"proof", base64_of(proof.reveal())}}; }
  /// The text in what was handed out.
  [[nodiscard]] std::string opened(const nlohmann::json& handed_out) const {
    const auto parsed = credentials::SealedSecret::parse(Document::from_json("answer", handed_out.dump()));
    const auto text = credentials::open(parsed, id, key, code.get());
    return text ? std::string(text->reveal()) : "(does not open)";
  }

  std::string id = credentials::generate_secret_id();
  Secret key = credentials::generate_link_key();
  std::unique_ptr<Secret> code{};
  nlohmann::json sealed{};
};

}  // namespace rescue::netboot
