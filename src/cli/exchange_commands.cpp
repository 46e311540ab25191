// SPDX-License-Identifier: Apache-2.0
//
// comity need, offer, round, delivery: from a need to a confirmed benefit.

#include "base/hex.h"
#include "cli/commands.h"
#include "exchange/lottery.h"
#include "exchange/statements.h"

namespace comity::cli {
namespace {

struct ExchangeArguments {
    std::string id;
    std::string title;
    std::string unit;
    std::string counts_in;
    std::string destination;
    std::string end_use;
    std::string from;
    std::string until;
    std::string round;
    std::string offer;
    std::string need;
    std::string secret;
    std::string note;
    std::string restriction;
    std::vector<std::string> item_classes;
    std::int64_t quantity = 0;
    std::uint64_t number = 0;
    std::string signature;
    std::vector<std::string> numbers;
};

Result<> file_need(const Session& session, const ExchangeArguments& a) {
    std::set<institution::ItemClassId> item_classes;
    for (const std::string& item_class : a.item_classes) {
        item_classes.insert(TRY(parsed<institution::ItemClassId>("--item-class", item_class)));
    }
    exchange::Need need{
        .id = TRY(parsed<exchange::NeedId>("id", a.id)),
        .title = text_in(session, a.title),
        .unit = TRY(parsed<institution::UnitId>("--unit", a.unit)),
        .item_classes = {},
        .destination = TRY(parsed<institution::AreaCode>("--destination", a.destination)),
        .end_use = TRY(parsed<institution::EndUseId>("--end-use", a.end_use)),
        .quantity = a.quantity,
        .from = TRY(parsed<Date>("--from", a.from)),
        .until = TRY(parsed<Date>("--until", a.until))};
    if (!item_classes.empty()) need.item_classes = std::move(item_classes);
    if (!a.counts_in.empty()) {
        need.counts_in = TRY(parsed<institution::UnitId>("--counts-in", a.counts_in));
    }
    return submit(session, need);
}

Result<> answer(const Session& session, const ExchangeArguments& a) {
    return submit(session,
                  exchange::Acceptance{.round = TRY(parsed<exchange::RoundId>("round", a.round)),
                                       .need = TRY(parsed<exchange::NeedId>("need", a.need)),
                                       .quantity = a.quantity});
}

Result<> deliver(const Session& session, const ExchangeArguments& a) {
    return submit(session,
                  exchange::Delivery{.id = TRY(parsed<exchange::DeliveryId>("id", a.id)),
                                     .round = TRY(parsed<exchange::RoundId>("--round", a.round)),
                                     .offer = TRY(parsed<exchange::OfferId>("--offer", a.offer)),
                                     .need = TRY(parsed<exchange::NeedId>("--need", a.need)),
                                     .quantity = a.quantity});
}

Result<> confirm(const Session& session, const ExchangeArguments& a,
                 exchange::DeliveryOutcome outcome) {
    exchange::Confirmation confirmation{
        .delivery = TRY(parsed<exchange::DeliveryId>("delivery", a.id)),
        .outcome = outcome,
        .quantity = a.quantity,
        .note = {}};
    if (!a.note.empty()) confirmation.note = a.note;
    return submit(session, confirmation);
}

Result<> claim(const Session& session, const ExchangeArguments& a) {
    return submit(session,
                  exchange::Claim{.round = TRY(parsed<exchange::RoundId>("round", a.round)),
                                  .need = TRY(parsed<exchange::NeedId>("need", a.need)),
                                  .offer = TRY(parsed<exchange::OfferId>("--offer", a.offer)),
                                  .quantity = a.quantity});
}

Result<> depart(const Session& session, const ExchangeArguments& a, exchange::DepartureKind kind) {
    exchange::Departure departure;
    departure.round = TRY(parsed<exchange::RoundId>("--round", a.round));
    departure.offer = TRY(parsed<exchange::OfferId>("--offer", a.offer));
    departure.need = TRY(parsed<exchange::NeedId>("--need", a.need));
    departure.quantity = a.quantity;
    departure.kind = kind;
    departure.reason = a.note;
    if (!a.restriction.empty()) {
        departure.restriction =
            TRY(parsed<institution::RestrictionId>("--restriction", a.restriction));
        departure.kind = exchange::DepartureKind::restricted;
    }
    return submit(session, departure);
}

/// The lot stays in a file until it is revealed.
Result<> commit_lot(const Session& session, const ExchangeArguments& a) {
    const Bytes random = crypto::random_bytes(sizeof(Digest::octets));
    Digest lot;
    std::copy(random.begin(), random.end(), lot.octets.begin());
    const exchange::Commitment commitment{.round = TRY(parsed<exchange::RoundId>("round", a.round)),
                                          .commitment = exchange::lottery_commitment(lot)};
    if (!session.dry_run) TRY(write_file(a.secret, lot.text(), true));
    TRY(submit(session, commitment));
    note("Your lot is in " + a.secret +
         ". Reveal it after the inputs are frozen and before the draw: comity "
         "round reveal " +
         a.round + " --secret " + a.secret);
    return {};
}

Result<> reveal_lot(const Session& session, const ExchangeArguments& a) {
    const std::string text = TRY(read_file(a.secret));
    const Digest lot = TRY(parsed<Digest>(a.secret, text));
    return submit(session,
                  exchange::Reveal{.round = TRY(parsed<exchange::RoundId>("round", a.round)),
                                   .random = Bytes(lot.octets.begin(), lot.octets.end())});
}

/// The value of the public source: of drand what it published, else numbers as they were drawn.
Result<> enter_beacon(const Session& session, const ExchangeArguments& a) {
    const auto round = TRY(parsed<exchange::RoundId>("round", a.round));
    if (a.signature.empty() == a.numbers.empty()) {
        return Error{Code::invalid, "cli/no-public-value",
                     "Give --number and --signature of drand's round, or --numbers once for each "
                     "named draw."};
    }
    if (a.signature.empty()) {
        return submit(session,
                      exchange::Beacon{.round = round,
                                       .value = exchange::PublishedNumbers{.numbers = a.numbers}});
    }
    const Bytes signature = TRY(from_hex(a.signature));
    return submit(session, exchange::Beacon{
                               .round = round,
                               .value = exchange::DrandValue{.number = a.number,
                                                             .signature = signature,
                                                             .randomness = sha256({signature})}});
}

using Arguments = std::shared_ptr<ExchangeArguments>;

void add_need_commands(CLI::App& app, Session& session) {
    const Arguments a = std::make_shared<ExchangeArguments>();
    auto* noun = app.add_subcommand("need", "Needs: read, file, withdraw");
    noun->require_subcommand(1);
    add_reading(*noun, session, needs_report);
    auto* file = noun->add_subcommand("file", "State what your member can absorb, and for what");
    file->add_option("id", a->id, "New id: lso-training-2026")->required();
    file->add_option("--title", a->title, "In a few words (language: --language)")->required();
    file->add_option("--unit", a->unit, "What it is counted in: training-place")->required();
    file->add_option("--quantity", a->quantity, "How many units")->required();
    file->add_option("--counts-in", a->counts_in,
                     "Unit of the rounds, where an adopted table converts yours");
    file->add_option("--destination", a->destination, "Your area code: LSO")->required();
    file->add_option("--end-use", a->end_use, "What for: education")->required();
    file->add_option("--from", a->from, "First day of use: 2026-09-01")->required();
    file->add_option("--until", a->until, "First day on which it is of no use")->required();
    file->add_option("--item-class", a->item_classes, "Acceptable classes; absent: any");
    file->callback(
        [&session, a] { session.action = [&session, a] { return file_need(session, *a); }; });
    auto* withdraw = noun->add_subcommand("withdraw", "Withdraw a need of yours");
    withdraw->add_option("id", a->id, "Its id")->required();
    withdraw->callback([&session, a] {
        session.action = [&session, a]() -> Result<> {
            return submit(session, exchange::NeedWithdrawal{
                                       .id = TRY(parsed<exchange::NeedId>("id", a->id))});
        };
    });
}

void add_offer_commands(CLI::App& app, Session& session) {
    const Arguments a = std::make_shared<ExchangeArguments>();
    auto* noun = app.add_subcommand("offer", "Offers: read, publish, withdraw");
    noun->require_subcommand(1);
    add_reading(*noun, session, offers_report);
    add_submitting(*noun, session, "publish", "Publish an offer", "exchange.offer");
    auto* withdraw = noun->add_subcommand("withdraw", "Withdraw an offer of yours");
    withdraw->add_option("id", a->id, "Its id")->required();
    withdraw->callback([&session, a] {
        session.action = [&session, a]() -> Result<> {
            return submit(session, exchange::OfferWithdrawal{
                                       .id = TRY(parsed<exchange::OfferId>("id", a->id))});
        };
    });
}

void add_round_commands(CLI::App& app, Session& session) {
    const Arguments a = std::make_shared<ExchangeArguments>();
    auto* noun = app.add_subcommand("round", "Rounds: read, open, draw lots, accept or refuse");
    noun->require_subcommand(1);
    add_reading(*noun, session, rounds_report);
    add_submitting(*noun, session, "open", "Open a round (secretariat)", "exchange.round");

    auto* commit = noun->add_subcommand("commit", "Commit to a lot before the inputs are frozen");
    commit->add_option("round", a->round, "Id of the round")->required();
    commit->add_option("--secret", a->secret, "File to keep the lot in until the reveal")
        ->required();
    commit->callback(
        [&session, a] { session.action = [&session, a] { return commit_lot(session, *a); }; });
    auto* reveal = noun->add_subcommand("reveal", "Reveal the lot after the inputs are frozen");
    reveal->add_option("round", a->round, "Id of the round")->required();
    reveal->add_option("--secret", a->secret, "The file of the commitment")->required();
    reveal->callback(
        [&session, a] { session.action = [&session, a] { return reveal_lot(session, *a); }; });
    auto* beacon = noun->add_subcommand(
        "beacon", "Enter the value of the public source that the round named (secretariat)");
    beacon->add_option("round", a->round, "Id of the round")->required();
    beacon->add_option("--number", a->number, "drand: number of quicknet's round, see round show");
    beacon->add_option("--signature", a->signature, "drand: its signature, hexadecimal digits");
    beacon
        ->add_option("--numbers", a->numbers,
                     "Published draws: the numbers of one, in the order of the round: \"2 5 12\"")
        ->allow_extra_args(false);
    beacon->callback(
        [&session, a] { session.action = [&session, a] { return enter_beacon(session, *a); }; });
    auto* end = noun->add_subcommand("end-repetition",
                                     "Open no further round of a call that repeats (secretariat)");
    end->add_option("round", a->round, "Id of its first round")->required();
    end->callback([&session, a] {
        session.action = [&session, a]() -> Result<> {
            return submit(session, exchange::RepetitionEnd{
                                       .round = TRY(parsed<exchange::RoundId>("round", a->round))});
        };
    });
    auto* claims = noun->add_subcommand(
        "claim", "Take lawful units that a closed round left over, if its rule has first_come");
    claims->add_option("round", a->round, "Id of the round")->required();
    claims->add_option("need", a->need, "Id of a need of yours")->required();
    claims->add_option("quantity", a->quantity, "Units")->required();
    claims->add_option("--offer", a->offer, "Of which offer")->required();
    claims->callback(
        [&session, a] { session.action = [&session, a] { return claim(session, *a); }; });
    auto* accept = noun->add_subcommand(
        "accept", "Take what a need of yours was allocated, or less; 0 refuses it");
    accept->add_option("round", a->round, "Id of the round")->required();
    accept->add_option("need", a->need, "Id of the need")->required();
    accept->add_option("quantity", a->quantity, "Units")->required();
    accept->callback(
        [&session, a] { session.action = [&session, a] { return answer(session, *a); }; });
}

/// What names units of a line, and how many.
void add_line_options(CLI::App& command, const Arguments& a) {
    command.add_option("--round", a->round, "Round")->required();
    command.add_option("--offer", a->offer, "Offer")->required();
    command.add_option("--need", a->need, "Need")->required();
    command.add_option("--quantity", a->quantity, "Units")->required();
}

void add_departure_command(CLI::App& noun, Session& session, const std::string& name,
                           const std::string& about, exchange::DepartureKind kind) {
    const Arguments a = std::make_shared<ExchangeArguments>();
    auto* command = noun.add_subcommand(name, about);
    add_line_options(*command, a);
    command->add_option("--reason", a->note, "In a sentence; it is published")->required();
    if (kind == exchange::DepartureKind::not_available) {
        command->add_option("--restriction", a->restriction,
                            "The restriction in force that stops the transfer, if one does");
    }
    command->callback([&session, a, kind] {
        session.action = [&session, a, kind] { return depart(session, *a, kind); };
    });
}

void add_delivery_commands(CLI::App& app, Session& session) {
    const Arguments a = std::make_shared<ExchangeArguments>();
    auto* noun =
        app.add_subcommand("delivery", "Deliveries: record, confirm, or say that it failed");
    noun->require_subcommand(1);
    auto* record = noun->add_subcommand("record", "Say that you delivered (provider)");
    record->add_option("id", a->id, "New id of the delivery")->required();
    add_line_options(*record, a);
    record->callback(
        [&session, a] { session.action = [&session, a] { return deliver(session, *a); }; });
    auto* confirmed = noun->add_subcommand("confirm", "Confirm what arrived (receiver)");
    confirmed->add_option("id", a->id, "Delivery")->required();
    confirmed->add_option("quantity", a->quantity, "Units that arrived")->required();
    confirmed->add_option("--note", a->note, "In a sentence");
    confirmed->callback([&session, a] {
        session.action = [&session, a] {
            return confirm(session, *a, exchange::DeliveryOutcome::confirmed);
        };
    });
    auto* dispute = noun->add_subcommand(
        "dispute", "Say that what stands on record of a delivery is wrong (provider, receiver)");
    dispute->add_option("id", a->id, "Delivery")->required();
    dispute->add_option("--reason", a->note, "In a sentence")->required();
    dispute->callback([&session, a] {
        session.action = [&session, a]() -> Result<> {
            return submit(session, exchange::Dispute{
                                       .delivery = TRY(parsed<exchange::DeliveryId>("id", a->id)),
                                       .reason = a->note});
        };
    });
    auto* withdraw = noun->add_subcommand("withdraw-dispute", "Withdraw a dispute of yours");
    withdraw->add_option("id", a->id, "Delivery")->required();
    withdraw->callback([&session, a] {
        session.action = [&session, a]() -> Result<> {
            return submit(session, exchange::DisputeWithdrawal{
                                       .delivery = TRY(parsed<exchange::DeliveryId>("id", a->id))});
        };
    });
    add_departure_command(*noun, session, "not-available",
                          "Say that you cannot provide units of a line any more (provider)",
                          exchange::DepartureKind::not_available);
    add_departure_command(*noun, session, "give-up",
                          "Give up units that are not delivered yet (receiver)",
                          exchange::DepartureKind::given_up);
    add_departure_command(*noun, session, "return",
                          "Return units that arrived and are not used (receiver)",
                          exchange::DepartureKind::returned);
    auto* failed = noun->add_subcommand("not-delivered", "Say that nothing arrived (receiver)");
    failed->add_option("id", a->id, "Delivery")->required();
    failed->add_option("--note", a->note, "In a sentence");
    failed->callback([&session, a] {
        session.action = [&session, a] {
            return confirm(session, *a, exchange::DeliveryOutcome::not_delivered);
        };
    });
}

}  // namespace

void add_exchange_commands(CLI::App& app, Session& session) {
    add_need_commands(app, session);
    add_offer_commands(app, session);
    add_round_commands(app, session);
    add_delivery_commands(app, session);
}

}  // namespace comity::cli
