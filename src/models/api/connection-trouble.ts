/** What a connection that did not come about says of the address, by the code of the system or the library. */

/** Faults of the certificate that a server shows (OpenSSL's verification, and the host's name). */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|ERR_TLS_CERT_)/;
/** What answers speaks no TLS. */
const NO_TLS = /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO)$/;
/** fetch's own limits (undici), whatever the caller's: five minutes for an answer to begin, and between two pieces of it. */
const TIMEOUT = /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/;

export type ConnectionTrouble =
  /** Trying again does not help; `remedy` says what does. */
  | { readonly kind: 'final'; readonly remedy: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'passing' };

/** @param reached whether the host has answered before: then its name is right, and the network is at fault */
export function judgeConnection(code: string | undefined, reached: boolean): ConnectionTrouble {
  if (code === undefined) return { kind: 'passing' };
  if (TIMEOUT.test(code)) return { kind: 'timeout' };
  if (code === 'ENOTFOUND' && !reached) return final('is the name of no host that this machine can find. Check the address');
  if (CERTIFICATE.test(code)) {
    return final('shows a certificate that is not trusted here. Check the address; if the server is your own, name its authority’s file in NODE_EXTRA_CA_CERTS');
  }
  if (NO_TLS.test(code)) return final('speaks no HTTPS on this port. Its address may begin with http://');
  return { kind: 'passing' };
}

function final(remedy: string): ConnectionTrouble {
  return { kind: 'final', remedy };
}
