// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One-time links: keeps secrets that their makers have sealed, hands each out once, and records everybody who came for
// it.

#include "core/secret.hpp"
#include "netboot/bmc/key_file.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/domain/secret_link.hpp"
#include "netboot/store/changes.hpp"
#include "netboot/store/sql_session.hpp"
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
  std::string name;           ///< credentials::generate_secret_id
  nlohmann::json sealed;      ///< credentials::SealedSecret
  bool needs_code = true;     ///< as `sealed` has it; for lists only: `reveal` decides by the sealed content
  std::string link_verifier;  ///< credentials::verifier_of the proof of the link
  std::string verifier{};     ///< of the proof of the code; empty: no code
  Milliseconds ttl = usual_link_ttl;
  std::string session{};      ///< of the host agent that makes it; empty: somebody with a token does
  std::string sealed_code{};  ///< base64, for the requester; empty: none
};

/// Proofs of somebody with a link, who wants its secret.
struct RevealProofs {
  Secret link;                   ///< credentials::proof_of_link
  std::optional<Secret> code{};  ///< credentials::proof_of_code; none: it was not entered
};

/// Result of an attempt to reveal a secret.
struct Reveal {
  enum class Refusal {
    none,
    state,       ///< the link is not `waiting`
    wrong_link,  ///< the proof of the link is wrong: counts nothing
    no_code,     ///< it needs a proof of the code, and none came: counts nothing
    wrong_code   ///< counted
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

  /// Keeps a secret for a server. With a session it revokes the links that the server's agents have made before, and is
  /// idempotent for the same name. Throws `not_found` for the server, `conflict` for a name that is taken or a server
  /// with very many new links, and what KeyFile throws.
  [[nodiscard]] SecretLink make(const ServerName& server, const NewSecretLink& wanted, const std::string& made_by);

  /// The facts of a link, for somebody who has it. Changes nothing but the list of visits, and a failure to write that
  /// is logged only. Throws `not_found`.
  [[nodiscard]] SecretLink open(std::string_view name, const Acting& visitor);
  /// Notes an attempt to reveal that did not get as far as `reveal`, as `open` notes a visit. Throws `not_found`.
  void note_refusal(std::string_view name, const std::string& reason, const Acting& visitor);
  /// Hands the sealed secret out once and wipes it, whichever netbootd is asked. Not idempotent: an answer that is lost
  /// is lost. A wrong proof of the code counts, if that of the link is right; the fifth locks the link for ever. Throws
  /// `not_found`, and `precondition` if the key file does not open it: then nothing is used up or counted.
  [[nodiscard]] Reveal reveal(std::string_view name, const RevealProofs& proofs, const Acting& visitor);

  /// Latest first: those before the number `before`, `limit` at most. Throws `not_found` for the server.
  [[nodiscard]] std::vector<SecretLink> of_server(const ServerName& server, long long before, std::size_t limit);
  /// Throws `not_found`.
  [[nodiscard]] SecretLink find(long long id);
  /// In order of time.
  [[nodiscard]] std::vector<Visit> visits(long long id);
  /// Records what became of a link that netbootd was to send. Throws `not_found`.
  void set_sending(long long id, LinkSending sending);
  /// Wipes the secret. No-op for one that was revealed or revoked before. Throws `not_found`.
  void revoke(long long id, const std::string& revoked_by);

private:
  struct Content;
  [[nodiscard]] SecretLink noted(std::string_view name, Visit visit);
  [[nodiscard]] Content content_of(const SecretLink& link, const std::string& hash) const;

  Store& store_;
  const KeyFile keys_;
};

/// Revokes the waiting links of this server that a host agent has made: of one session, or with an empty one of all.
/// Inside a transaction that has locked the server.
void revoke_links_of_agents(soci::session& session, const std::string& server, const std::string& agent,
                            const std::string& revoked_by, WallTime now, ChangeSet& changed);

}  // namespace rescue::netboot
