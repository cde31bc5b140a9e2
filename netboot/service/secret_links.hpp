// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One-time links: keeps secrets that their makers have sealed, hands each out once, and records everybody who came for
// it.

#include "core/secret.hpp"
#include "netboot/bmc/key_file.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/domain/secret_link.hpp"
#include "netboot/store/store.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

/// A secret as its maker has sealed it. netbootd can't open it: the key is in the link's fragment.
struct NewSecretLink {
  std::string name;        ///< credentials::generate_secret_id
  nlohmann::json sealed;   ///< credentials::SealedSecret
  bool needs_code = true;  ///< as `sealed` has it; for lists only: `reveal` decides by the sealed content
  std::string verifier;    ///< credentials::verifier_of; empty: no code
  Milliseconds ttl = usual_link_ttl;
};

/// Result of an attempt to reveal a secret.
struct Reveal {
  enum class Refusal {
    none,
    state,      ///< the link is not `waiting`
    no_code,    ///< it needs a proof of the code, and none came: counts nothing
    wrong_code  ///< counted
  };
  SecretLink link;        ///< after the attempt
  nlohmann::json sealed;  ///< null unless `refusal` is none
  Refusal refusal = Refusal::none;
  LinkState state = LinkState::waiting;  ///< before the attempt
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class SecretLinks {
public:
  /// `store` outlives this.
  SecretLinks(Store& store, const std::string& key_file);

  /// Keeps a secret for a server. Throws `not_found` for the server, `conflict` for a name that is taken or a server
  /// with very many new links, and what KeyFile throws.
  [[nodiscard]] SecretLink make(const ServerName& server, const NewSecretLink& wanted, const std::string& made_by);

  /// The facts of a link, for somebody who has it. Changes nothing but the list of visits, and a failure to write that
  /// is logged only. Throws `not_found`.
  [[nodiscard]] SecretLink open(std::string_view name, const Acting& visitor);
  /// Notes an attempt to reveal that did not get as far as `reveal`, as `open` notes a visit. Throws `not_found`.
  void note_refusal(std::string_view name, const std::string& reason, const Acting& visitor);
  /// Hands the sealed secret out once and wipes it, whichever netbootd is asked. Not idempotent: an answer that is lost
  /// is lost. A wrong proof counts; the fifth locks the link for ever. Throws `not_found`, and `precondition` if the
  /// key file does not open it: then nothing is used up or counted.
  [[nodiscard]] Reveal reveal(std::string_view name, const Secret* proof, const Acting& visitor);

  /// Latest first: those before the number `before`, `limit` at most. Throws `not_found` for the server.
  [[nodiscard]] std::vector<SecretLink> of_server(const ServerName& server, long long before, std::size_t limit);
  /// Throws `not_found`.
  [[nodiscard]] SecretLink find(long long id);
  /// In order of time.
  [[nodiscard]] std::vector<Visit> visits(long long id);
  /// Wipes the secret. No-op for one that was revealed or revoked before. Throws `not_found`.
  void revoke(long long id, const std::string& revoked_by);

private:
  struct Content;
  [[nodiscard]] SecretLink noted(std::string_view name, Visit visit);
  [[nodiscard]] Content content_of(const SecretLink& link, const std::string& hash) const;

  Store& store_;
  const KeyFile keys_;
};

}  // namespace rescue::netboot
