//! Content codings undone, with bounded memory.
//!
//! The body came whole and is no larger than the limit; each coding is undone up to the same limit, and each decoder is
//! told how much memory a stream may ask for.

use std::io::Read;

use brotli_decompressor::{BrotliDecoderParameter, Decompressor};
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::fetch::FetchError;

/// So many codings on top of each other are undone; nobody needs more than one.
const CODINGS_MAX: usize = 3;

/// RFC 8878 §3.1.1.1.2 and RFC 9659: a window of 8 MiB is what a decoder for HTTP must support, and all that ours does.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

const BROTLI_BUFFER: usize = 4096;

/// What was decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) body: Vec<u8>,
    /// Whether the coded stream had its end; otherwise `body` is what came before it broke off.
    pub(crate) complete: bool,
}

/// Undoes all codings that `Content-Encoding` lists, the last applied first (RFC 9110 §8.4).
///
/// # Errors
/// [`FetchError::Coding`] for a coding that is not known, [`FetchError::Corrupt`] when not one byte could be decoded,
/// [`FetchError::TooLarge`] when more than `max_size` bytes come out.
pub(crate) fn decode(headers: &HeaderMap, body: Vec<u8>, max_size: u64) -> Result<Decoded, FetchError> {
    let mut decoded = Decoded { body, complete: true };
    if !headers.contains_key(CONTENT_ENCODING) || decoded.body.is_empty() {
        return Ok(decoded);
    }
    for coding in codings(headers)?.into_iter().rev() {
        let (body, complete) = coding.undo(&decoded.body, max_size)?;
        decoded = Decoded { body, complete: complete && decoded.complete };
    }
    Ok(decoded)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, FetchError> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let line = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        for name in line.split(',').map(str::trim) {
            codings.push(match name {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => return Err(FetchError::Coding { name: line.clone() }),
            });
        }
    }
    if codings.len() > CODINGS_MAX {
        return Err(FetchError::Coding { name: format!("{} codings on top of each other", codings.len()) });
    }
    Ok(codings)
}

impl Coding {
    /// What is inside, and whether it had its end.
    fn undo(self, coded: &[u8], max_size: u64) -> Result<(Vec<u8>, bool), FetchError> {
        let mut out = Vec::new();
        let read = match self {
            Self::Gzip => gunzip(coded, max_size, &mut out),
            // RFC 9110 §8.4.1.2 means the zlib format; some servers send the bare stream.
            Self::Deflate if is_zlib(coded) => fill(ZlibDecoder::new(coded), max_size, &mut out),
            Self::Deflate => fill(DeflateDecoder::new(coded), max_size, &mut out),
            Self::Brotli => {
                let mut decoder = Decompressor::new(coded, BROTLI_BUFFER);
                // Windows of up to a gigabyte are an extension that no browser offers.
                decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
                fill(decoder, max_size, &mut out)
            }
            Self::Zstd => ZstdDecoder::with_buffer(coded).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                fill(decoder, max_size, &mut out)
            }),
        };
        if out.len() as u64 > max_size {
            return Err(FetchError::TooLarge { limit: max_size });
        }
        match read {
            Ok(()) => Ok((out, true)),
            Err(_) if !out.is_empty() => Ok((out, false)),
            Err(error) => Err(FetchError::Corrupt { coding: self.name(), what: error.to_string() }),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Reads into `out` until it holds one byte more than `max_size` at most.
fn fill(decoder: impl Read, max_size: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let left = (max_size + 1).saturating_sub(out.len() as u64);
    decoder.take(left).read_to_end(out).map(drop)
}

/// Members of one gzip file that are read: tools that cut a file into members cut it at every 64 KiB.
const MEMBERS_MAX: usize = 1024;

/// All members of a gzip file (RFC 1952 §2.2). What follows the last one is passed over, as browsers do.
fn gunzip(mut coded: &[u8], max_size: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
    for _ in 0..MEMBERS_MAX {
        let mut decoder = GzDecoder::new(coded);
        fill(&mut decoder, max_size, out)?;
        coded = decoder.into_inner();
        if out.len() as u64 > max_size || !coded.starts_with(&[0x1f, 0x8b]) {
            return Ok(());
        }
    }
    // Empty ones take no room, but time.
    Err(std::io::Error::other(format!("it has more than {MEMBERS_MAX} members")))
}

/// RFC 1950 §2.2: method 8 and a checksum over the first two bytes.
fn is_zlib(coded: &[u8]) -> bool {
    matches!(coded, [cmf, flg, ..] if cmf & 0x0f == 8 && (u16::from(*cmf) << 8 | u16::from(*flg)).is_multiple_of(31))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const FEED: &[u8] = b"<rss version=\"2.0\"><channel><title>News</title></channel></rss>";

    /// `FEED` as one uncompressed metablock of Brotli (RFC 7932 §9.2), then an empty last one.
    fn brotli(content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() - 1).unwrap();
        assert!(length < 1 << 16);
        // WBITS 16 (0), ISLAST 0, MNIBBLES 4 (00), MLEN-1 in 16 bits, ISUNCOMPRESSED 1, then padding.
        let header = length << 4 | 1 << 20;
        let mut coded = header.to_le_bytes()[..3].to_vec();
        coded.extend_from_slice(content);
        coded.push(0b11);
        coded
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(content, 3).unwrap()
    }

    fn decoded(coding: &str, body: Vec<u8>, max_size: u64) -> Result<Decoded, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        decode(&headers, body, max_size)
    }

    #[test]
    fn every_coding_is_undone() {
        for (coding, body) in [
            ("gzip", gzip(FEED)),
            ("x-gzip", gzip(FEED)),
            ("GZIP", gzip(FEED)),
            ("deflate", zlib(FEED)),
            ("deflate", raw_deflate(FEED)),
            ("br", brotli(FEED)),
            ("zstd", zstd(FEED)),
            ("identity", FEED.to_vec()),
            ("deflate, gzip", gzip(&zlib(FEED))),
            ("gzip, identity, gzip", gzip(&gzip(FEED))),
            ("gzip", [gzip(&FEED[..10]), gzip(&FEED[10..])].concat()),
            ("gzip", [gzip(FEED), b"\0\0\0 rubbish".to_vec()].concat()),
        ] {
            assert_eq!(
                decoded(coding, body, 1000).unwrap(),
                Decoded { body: FEED.to_vec(), complete: true },
                "{coding}"
            );
        }
    }

    #[test]
    fn an_unknown_coding_is_an_error_that_names_it() {
        for coding in ["compress", "br;q=1", "gzip, sdch", "aes128gcm"] {
            let error = decoded(coding, FEED.to_vec(), 1000).unwrap_err().to_string();
            assert!(error.contains(coding), "{error}");
        }
        assert!(decoded("gzip,gzip,gzip,gzip", gzip(FEED), 1000).is_err());
    }

    #[test]
    fn a_lie_is_an_error_and_a_broken_stream_is_incomplete() {
        for coding in ["gzip", "deflate", "br", "zstd"] {
            assert!(matches!(decoded(coding, FEED.to_vec(), 1000), Err(FetchError::Corrupt { .. })), "{coding}");
        }
        let long = FEED.repeat(1000);
        for (coding, mut body) in [("gzip", gzip(&long)), ("br", brotli(&long)), ("zstd", zstd(&long))] {
            body.truncate(body.len() - 3);
            match decoded(coding, body, 1 << 20) {
                Ok(Decoded { body, complete: false }) => assert!(long.starts_with(&body), "{coding}"),
                Err(FetchError::Corrupt { .. }) => {}
                other => panic!("{coding}: {other:?}"),
            }
        }
    }

    #[test]
    fn bombs_end_at_the_limit() {
        let huge = vec![0_u8; 64 << 20];
        let limit = 1 << 20;
        for (coding, body) in [
            ("gzip", gzip(&huge)),
            ("deflate", zlib(&huge)),
            ("zstd", zstd(&huge)),
            ("gzip", gzip(&huge[..1 << 19]).repeat(100)),
            ("gzip, gzip", gzip(&gzip(&huge))),
        ] {
            assert!(body.len() < 1 << 18);
            assert!(matches!(decoded(coding, body, limit), Err(FetchError::TooLarge { .. })), "{coding}");
        }
        assert!(decoded("gzip", gzip(&huge[..1 << 20]), limit).is_ok(), "the limit itself is allowed");
    }

    #[test]
    fn a_body_of_empty_members_ends_soon() {
        let empty = gzip(b"");
        let many = |count| decoded("gzip, gzip", gzip(&empty.repeat(count)), 1 << 23);
        assert_eq!(many(MEMBERS_MAX), Ok(Decoded { body: Vec::new(), complete: true }));
        let error = many(400_000).unwrap_err().to_string();
        assert!(error.contains("1024 members"), "{error}");
    }

    #[test]
    fn a_stream_cannot_ask_for_a_huge_window() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(&vec![7; 1 << 20]).unwrap();
        let body = encoder.finish().unwrap();
        assert!(matches!(decoded("zstd", body, 1 << 24), Err(FetchError::Corrupt { .. })));
        // WBITS of the large-window extension: 0x11, then 30.
        assert!(matches!(decoded("br", vec![0x11, 0x1e, 0x03, 0, 0], 1 << 24), Err(FetchError::Corrupt { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), coding in "gzip|deflate|br|zstd") {
            if let Ok(decoded) = decoded(&coding, body, 10_000) {
                prop_assert!(decoded.body.len() <= 10_000);
            }
        }
    }
}
