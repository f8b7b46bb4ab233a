//! RemoteFX Progressive as the graphics pipeline's client decodes it, from tiles to the surface.
use ironrdp_graphics::progressive::{DecodedTile, ProgressiveDecoder, TILE_DIM};

use crate::decoder::{Outcome, StreamDecoder};
use crate::output::Fnv;
use crate::stream_file::Stream;

const SURFACE: u16 = 1;
const CODEC_CONTEXT: u32 = 1;

pub struct Progressive<'a> {
    stream: &'a Stream,
    decoder: ProgressiveDecoder,
    surface: Vec<u8>,
}

impl<'a> Progressive<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        Self {
            stream,
            decoder: ProgressiveDecoder::new(),
            surface: vec![0; usize::from(stream.width) * usize::from(stream.height) * 4],
        }
    }
}

impl StreamDecoder for Progressive<'_> {
    /// The memory of the tiles stays, as the other sides' does: first and simple passes forget
    /// what was there.
    fn reset(&mut self) {}

    fn decode(&mut self, _hash: Option<&mut Fnv>) -> Outcome {
        let (width, height) = (self.stream.width, self.stream.height);
        for record in &self.stream.records {
            self.decoder.begin_frame();
            let tiles = self
                .decoder
                .decode_bitmap(SURFACE, CODEC_CONTEXT, width, height, &record.payload)
                .map_err(|error| error.to_string())?;
            for tile in tiles {
                draw(&tile, &mut self.surface, usize::from(width) * 4);
            }
            self.decoder.end_frame();
        }
        Ok(())
    }

    fn picture(&self) -> Vec<u8> {
        self.surface.clone()
    }
}

/// Copies what is visible of a tile: its rectangles lie within the tile and the surface.
fn draw(tile: &DecodedTile, surface: &mut [u8], stride: usize) {
    for part in &tile.update_rectangles {
        let size = usize::from(part.right - part.left) * 4;
        let left_in_tile = usize::from(part.left - tile.x_idx * TILE_DIM) * 4;
        for y in part.top..part.bottom {
            let from =
                usize::from(y - tile.y_idx * TILE_DIM) * usize::from(TILE_DIM) * 4 + left_in_tile;
            let to = usize::from(y) * stride + usize::from(part.left) * 4;
            surface[to..to + size].copy_from_slice(&tile.pixels[from..from + size]);
        }
    }
}
