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
  [[nodiscard]] Secret link_proof() const { return credentials::proof_of_link(id, key); }
  /// Proofs of somebody with the link; without an argument a click.
  [[nodiscard]] RevealProofs proofs() const { return {link_proof()}; }
  [[nodiscard]] RevealProofs proofs(const Secret& of_code) const { return {link_proof(), of_code.clone()}; }
  [[nodiscard]] NewSecretLink link() const {
    return {id, sealed, code != nullptr, credentials::verifier_of(link_proof()),
            code ? credentials::verifier_of(proof()) : ""};
  }
  /// Body of the request that hands it to netbootd.
  [[nodiscard]] nlohmann::json body() const {
    nlohmann::json body{
        {"link", id}, {"sealed", sealed}, {"link_verifier", base64_of(credentials::verifier_of(link_proof()))}};
    if (code) body["verifier"] = base64_of(credentials::verifier_of(proof()));
    return body;
  }
  /// Body of a request that reveals it; without an argument a click.
  [[nodiscard]] nlohmann::json with() const { return {{"link_proof", base64_of(link_proof().reveal())}}; }
  [[nodiscard]] nlohmann::json with(const Secret& of_code) const {
    auto body = with();
    body["proof"] = base64_of(of_code.reveal());
    return body;
  }
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
