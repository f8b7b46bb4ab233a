#include "tests/support/tls_talk.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>

namespace mullion::test {
namespace {

struct Identity {
  EVP_PKEY* key;
  X509* certificate;
};

Identity MakeIdentity(bool rsa) {
  Identity id;
  id.key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  id.certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(id.certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(id.certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(id.certificate), 3600);
  X509_NAME* name = X509_get_subject_name(id.certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>("test"), -1,
                             -1, 0);
  X509_set_issuer_name(id.certificate, name);
  X509_set_pubkey(id.certificate, id.key);
  X509_sign(id.certificate, id.key, EVP_sha256());
  return id;
}

const Identity& IdentityOf(bool rsa) {
  static const Identity rsa_identity = MakeIdentity(true);
  static const Identity ec_identity = MakeIdentity(false);
  return rsa ? rsa_identity : ec_identity;
}

TlsWorld* WorldOf(const SSL* ssl) {
  return static_cast<TlsWorld*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

void OnKeyLog(const SSL* ssl, const char* line) {
  WorldOf(ssl)->key_log += line;
  WorldOf(ssl)->key_log += '\n';
}

int OnNewSession(SSL* ssl, SSL_SESSION* session) {
  TlsWorld* world = WorldOf(ssl);
  SSL_SESSION_free(world->session);
  world->session = session;
  return 1;  // kept
}

}  // namespace

TlsWorld::TlsWorld(const TlsSetup& setup)
    : client(SSL_CTX_new(TLS_client_method())), server(SSL_CTX_new(TLS_server_method())) {
  for (SSL_CTX* context : {client, server}) {
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_set_min_proto_version(context, setup.version);
    SSL_CTX_set_max_proto_version(context, setup.version);
    if (setup.version == TLS1_3_VERSION) {
      SSL_CTX_set_ciphersuites(context, setup.cipher.c_str());
    } else {
      SSL_CTX_set_cipher_list(context, (setup.cipher + ":@SECLEVEL=0").c_str());
    }
    uint64_t options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
    if (!setup.encrypt_then_mac) options |= SSL_OP_NO_ENCRYPT_THEN_MAC;
    if (!setup.extended_master_secret) options |= SSL_OP_NO_EXTENDED_MASTER_SECRET;
    if (!setup.tickets) options |= SSL_OP_NO_TICKET;
    SSL_CTX_set_options(context, options);
  }
  if (!setup.client_groups.empty()) SSL_CTX_set1_groups_list(client, setup.client_groups.c_str());
  if (!setup.server_groups.empty()) SSL_CTX_set1_groups_list(server, setup.server_groups.c_str());
  const Identity& identity = IdentityOf(setup.rsa_key);
  SSL_CTX_use_certificate(server, identity.certificate);
  SSL_CTX_use_PrivateKey(server, identity.key);
  SSL_CTX_set_dh_auto(server, 1);
  SSL_CTX_set_session_id_context(server, reinterpret_cast<const uint8_t*>("test"), 4);
  SSL_CTX_set_max_early_data(server, setup.max_early_data);
  SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(client, OnNewSession);
  SSL_CTX_set_keylog_callback(client, OnKeyLog);
}

TlsWorld::~TlsWorld() {
  SSL_SESSION_free(session);
  SSL_CTX_free(client);
  SSL_CTX_free(server);
}

TlsTalk::TlsTalk(TlsWorld* world, bool resume)
    : client_(SSL_new(world->client)), server_(SSL_new(world->server)) {
  for (SSL* ssl : {client_, server_}) {
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
  }
  SSL_set_connect_state(client_);
  SSL_set_accept_state(server_);
  if (resume) SSL_set_session(client_, world->session);
}

TlsTalk::~TlsTalk() {
  SSL_free(client_);
  SSL_free(server_);
}

// Moves what each end has written to the other one, and notes it.
void TlsTalk::Carry() {
  for (const bool to_server : {true, false}) {
    BIO* from = SSL_get_wbio(to_server ? client_ : server_);
    BIO* to = SSL_get_rbio(to_server ? server_ : client_);
    char* data = nullptr;
    const long size = BIO_get_mem_data(from, &data);
    if (size <= 0) continue;
    transcript.emplace_back(to_server, Octets(data, data + size));
    BIO_write(to, data, static_cast<int>(size));
    (void)BIO_reset(from);
  }
}

// Lets both ends read until nothing moves: tickets, key updates, data.
bool TlsTalk::Settle() {
  uint8_t buffer[16384];
  for (int round = 0; round < 8; ++round) {
    Carry();
    for (const bool at_server : {true, false}) {
      int size = 0;
      while ((size = SSL_read(at_server ? server_ : client_, buffer, sizeof(buffer))) > 0) {
        plain[at_server ? 1 : 0].insert(plain[at_server ? 1 : 0].end(), buffer, buffer + size);
      }
    }
  }
  return true;
}

bool TlsTalk::Handshake() {
  for (int round = 0; round < 20; ++round) {
    const int a = SSL_do_handshake(client_);
    Carry();
    const int b = SSL_do_handshake(server_);
    Carry();
    if (a == 1 && b == 1) return Settle();
  }
  return false;
}

bool TlsTalk::Write(bool to_server, ByteView bytes) {
  const size_t before = plain[to_server ? 1 : 0].size();
  while (!bytes.empty()) {
    const int n = SSL_write(to_server ? client_ : server_, bytes.data(),
                            static_cast<int>(std::min<size_t>(bytes.size(), 40000)));
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
    Settle();
  }
  return plain[to_server ? 1 : 0].size() > before;
}

bool TlsTalk::KeyUpdate(bool to_server, bool request_back) {
  SSL* from = to_server ? client_ : server_;
  const bool ok = SSL_key_update(from, request_back ? SSL_KEY_UPDATE_REQUESTED
                                                    : SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
                  SSL_do_handshake(from) == 1;
  return ok && Settle();
}

bool TlsTalk::Renegotiate() {
  if (SSL_renegotiate(client_) != 1) return false;
  SSL_do_handshake(client_);
  Settle();
  return SSL_renegotiate_pending(client_) == 0;
}

bool TlsTalk::WriteEarlyData(ByteView bytes) {
  size_t written = 0;
  const bool ok = SSL_write_early_data(client_, bytes.data(), bytes.size(), &written) == 1;
  Carry();
  return ok;
}

void TlsTalk::Shutdown() {
  SSL_shutdown(client_);
  Settle();
  SSL_shutdown(server_);
  Settle();
}

std::vector<TimedPacket> PacketsOf(const TlsTalk& talk, size_t segment_bytes,
                                   uint16_t client_port) {
  std::vector<TimedPacket> packets;
  PacketSpec base;
  base.client_port = client_port;
  TcpTalk tcp(&packets, base);
  tcp.Handshake();
  tcp.Negotiate();
  for (const auto& [to_server, bytes] : talk.transcript) tcp.Data(to_server, bytes, segment_bytes);
  tcp.Fin(true);
  tcp.Fin(false);
  return packets;
}

}  // namespace mullion::test
