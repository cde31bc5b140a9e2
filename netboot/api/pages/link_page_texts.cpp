// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/link_page_texts.hpp"

namespace rescue::netboot::api {
namespace {

constexpr LinkPageTexts english{
    .title = "Access to your server",
    .waiting = "Your server’s access data is ready",
    .waiting_once = "It is shown once. Have a password manager at hand, or paper and a pen.",
    .waiting_code =
        "You need the code of 8 letters and digits. It came to you by another way than this link, for example in"
        " your provider's control panel.",
    .waiting_no_code = "No code is needed: it is shown as soon as you press the button.",
    .works_until = "This link works until",
    .revealed = "This access data has been shown already",
    .revealed_at = "It was shown at",
    .revealed_you = "Was that you? Then use the password that you have kept. A link shows it once only.",
    .revealed_other =
        "Was it not you, or is the password lost? Ask your provider for a new link now: the old password is"
        " changed by that.",
    .expired = "This link has expired",
    .expired_at = "It worked until",
    .revoked = "This link was revoked",
    .revoked_why = "Your provider, or somebody in your control panel, has withdrawn it.",
    .locked = "This link is locked",
    .locked_why = "A wrong code was entered five times. Nobody has seen the access data.",
    .unknown = "There is nothing behind this link",
    .unknown_why = "Copy the whole link from your message and open it again. An old link may have been removed.",
    .ask_for_new = "Ask your provider for a new link.",
    .no_script = "JavaScript is switched off in this browser",
    .no_script_why =
        "The access data is decrypted in your browser, so that no server sees it. That needs JavaScript: allow"
        " it for this page and load the page again. Nothing has been used up.",
    .no_pages = "This page is incomplete on the server",
    .no_pages_why = "The part that decrypts is missing. Report this to your provider. Nothing has been used up.",
    .command = "Or use this command on a computer that has it; it asks for the link and the code:",
    .footer = "The access data is decrypted in your browser. This page loads nothing from other sites.",
};

constexpr LinkPageTexts french{
    .title = "Accès à votre serveur",
    .waiting = "Les données d’accès à votre serveur sont prêtes",
    .waiting_once =
        "Elles ne s’affichent qu’une fois. Préparez un gestionnaire de mots de passe, ou du papier et un stylo.",
    .waiting_code =
        "Il vous faut le code de 8 lettres et chiffres. Il vous est parvenu par une autre voie que ce lien, par"
        " exemple dans l’espace client de votre hébergeur.",
    .waiting_no_code = "Aucun code n’est nécessaire : elles s’affichent dès que vous appuyez sur le bouton.",
    .works_until = "Ce lien fonctionne jusqu’au",
    .revealed = "Ces données d’accès ont déjà été affichées",
    .revealed_at = "Elles ont été affichées le",
    .revealed_you = "C’était vous ? Utilisez le mot de passe que vous avez conservé. Un lien ne l’affiche qu’une fois.",
    .revealed_other =
        "Ce n’était pas vous, ou le mot de passe est perdu ? Demandez tout de suite un nouveau lien à votre"
        " hébergeur : l’ancien mot de passe sera remplacé.",
    .expired = "Ce lien a expiré",
    .expired_at = "Il fonctionnait jusqu’au",
    .revoked = "Ce lien a été révoqué",
    .revoked_why = "Votre hébergeur, ou quelqu’un dans votre espace client, l’a retiré.",
    .locked = "Ce lien est bloqué",
    .locked_why = "Un code erroné a été saisi cinq fois. Personne n’a vu les données d’accès.",
    .unknown = "Il n’y a rien derrière ce lien",
    .unknown_why =
        "Copiez le lien entier depuis votre message et ouvrez-le de nouveau. Un ancien lien a pu être supprimé.",
    .ask_for_new = "Demandez un nouveau lien à votre hébergeur.",
    .no_script = "JavaScript est désactivé dans ce navigateur",
    .no_script_why =
        "Les données d’accès sont déchiffrées dans votre navigateur, pour qu’aucun serveur ne les voie. Il faut"
        " JavaScript : autorisez-le pour cette page et rechargez-la. Rien n’a été consommé.",
    .no_pages = "Cette page est incomplète sur le serveur",
    .no_pages_why = "La partie qui déchiffre manque. Signalez-le à votre hébergeur. Rien n’a été consommé.",
    .command = "Ou utilisez cette commande sur un ordinateur qui en dispose ; elle demande le lien et le code :",
    .footer = "Les données d’accès sont déchiffrées dans votre navigateur. Cette page ne charge rien d’autres sites.",
};

constexpr LinkPageTexts german{
    .title = "Zugang zu Ihrem Server",
    .waiting = "Die Zugangsdaten Ihres Servers liegen bereit",
    .waiting_once = "Sie werden nur einmal angezeigt. Halten Sie einen Passwortmanager oder Papier und Stift bereit.",
    .waiting_code =
        "Sie brauchen den Code aus 8 Buchstaben und Ziffern. Er kam auf einem anderen Weg als dieser Link zu"
        " Ihnen, zum Beispiel im Kundenbereich Ihres Anbieters.",
    .waiting_no_code = "Ein Code ist nicht nötig: Sie werden angezeigt, sobald Sie auf den Knopf drücken.",
    .works_until = "Dieser Link gilt bis",
    .revealed = "Diese Zugangsdaten wurden schon angezeigt",
    .revealed_at = "Sie wurden angezeigt am",
    .revealed_you =
        "Waren Sie das? Dann verwenden Sie das Passwort, das Sie notiert haben. Ein Link zeigt es nur einmal.",
    .revealed_other =
        "Waren Sie es nicht, oder ist das Passwort verloren? Fordern Sie jetzt bei Ihrem Anbieter einen neuen"
        " Link an: Das alte Passwort wird dabei geändert.",
    .expired = "Dieser Link ist abgelaufen",
    .expired_at = "Er galt bis",
    .revoked = "Dieser Link wurde widerrufen",
    .revoked_why = "Ihr Anbieter oder jemand in Ihrem Kundenbereich hat ihn zurückgezogen.",
    .locked = "Dieser Link ist gesperrt",
    .locked_why = "Fünfmal wurde ein falscher Code eingegeben. Niemand hat die Zugangsdaten gesehen.",
    .unknown = "Hinter diesem Link ist nichts",
    .unknown_why =
        "Kopieren Sie den ganzen Link aus Ihrer Nachricht und öffnen Sie ihn noch einmal. Ein alter Link kann"
        " entfernt worden sein.",
    .ask_for_new = "Fordern Sie bei Ihrem Anbieter einen neuen Link an.",
    .no_script = "JavaScript ist in diesem Browser ausgeschaltet",
    .no_script_why = "Die Zugangsdaten werden in Ihrem Browser entschlüsselt, damit kein Server sie sieht. Das braucht"
                     " JavaScript: Erlauben Sie es für diese Seite und laden Sie sie neu. Es wurde nichts verbraucht.",
    .no_pages = "Diese Seite ist auf dem Server unvollständig",
    .no_pages_why = "Der Teil, der entschlüsselt, fehlt. Melden Sie das Ihrem Anbieter. Es wurde nichts verbraucht.",
    .command = "Oder verwenden Sie diesen Befehl auf einem Rechner, der ihn hat; er fragt nach Link und Code:",
    .footer = "Die Zugangsdaten werden in Ihrem Browser entschlüsselt. Diese Seite lädt nichts von anderen Seiten.",
};

}  // namespace

const LinkPageTexts& link_page_texts(Language language) noexcept {
  switch (language) {
  case Language::french:
    return french;
  case Language::german:
    return german;
  case Language::english:
    break;
  }
  return english;
}

}  // namespace rescue::netboot::api
