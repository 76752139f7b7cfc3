//! Weights as integers: a weight `w` costs `−ln w`, in units of 2⁻¹⁶, so weights multiply where costs add.
//!
//! The logarithms and exponentials of two platforms differ in the last bit; the tables here do not. Each factor of a weight
//! is rounded to a whole cost of its own, and costs are only added and compared, so no order of work changes a result.

use crate::observation::Percent;

/// `−ln w · 2¹⁶` of a weight `w` of at most one. The lower, the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cost(pub u32);

impl Cost {
    /// What a weight of one costs.
    pub const NONE: Cost = Cost(0);
    /// A thousandth: weaker labels are cut.
    pub const THOUSANDTH: Cost = Cost(452_706);

    /// The cost of a share.
    pub const fn of(share: Percent) -> Cost {
        Cost(rounded(LN[99] - LN[share.get() as usize - 1]))
    }

    /// The cost of `usual − 1` in `band − 1`, a share of at most one. `band` is a power of two from 2 to 2²⁰, `usual` from 2
    /// to 101.
    pub(crate) const fn of_rarity(usual: u32, band: u32) -> Cost {
        if usual >= band {
            return Cost::NONE;
        }
        Cost(rounded(LN_BAND[band.trailing_zeros() as usize - 1] - LN[usual as usize - 2]))
    }

    /// The cost of `exp (−gap / decay)`, both in days.
    pub(crate) fn of_gap(gap: u32, decay: u32) -> Cost {
        let (gap, decay) = (u64::from(gap), u64::from(decay));
        let cost = ((gap << 17) + decay) / (2 * decay);
        Cost(u32::try_from(cost).unwrap_or(u32::MAX))
    }

    /// Of two weights multiplied.
    #[must_use]
    pub const fn and(self, other: Cost) -> Cost {
        Cost(self.0.saturating_add(other.0))
    }

    /// The weight again.
    pub fn weight(self) -> Strength {
        let Cost(cost) = self;
        if cost >> 12 >= 128 {
            return Strength(0);
        }
        let of_64 = Strength(EXP_64[(cost >> 6 & 63) as usize]);
        let of_1 = Strength(EXP_1[(cost & 63) as usize]);
        Strength(EXP_4096[(cost >> 12) as usize]).times(of_64).times(of_1)
    }
}

const fn rounded(logarithm: u64) -> u32 {
    ((logarithm + (1 << 15)) >> 16) as u32
}

/// A share of one, in units of 2⁻³⁰.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Strength(pub u32);

impl Strength {
    /// All of it.
    pub const ONE: Strength = Strength(1 << 30);

    /// In millionths, rounded.
    pub fn millionths(self) -> u32 {
        ((u64::from(self.0) * 1_000_000 + (1 << 29)) >> 30) as u32
    }

    /// What is missing to one.
    #[must_use]
    pub const fn rest(self) -> Strength {
        Strength(Strength::ONE.0 - self.0)
    }

    /// The product, rounded.
    #[must_use]
    pub const fn times(self, other: Strength) -> Strength {
        Strength(((self.0 as u64 * other.0 as u64 + (1 << 29)) >> 30) as u32)
    }
}

/// `ln n · 2³²` for n from 1 to 100, rounded.
#[rustfmt::skip]
const LN: [u64; 100] = [
    0, 2_977_044_472, 4_718_503_851, 5_954_088_944, 6_912_483_199, 7_695_548_323, 8_357_620_451,
    8_931_133_415, 9_437_007_702, 9_889_527_671, 10_298_881_776, 10_672_592_794, 11_016_373_606,
    11_334_664_923, 11_630_987_050, 11_908_177_887, 12_168_558_655, 12_414_052_173, 12_646_269_121,
    12_866_572_142, 13_076_124_302, 13_275_926_248, 13_466_845_114, 13_649_637_266, 13_824_966_398,
    13_993_418_078, 14_155_511_552, 14_311_709_395, 14_462_425_466, 14_608_031_521, 14_748_862_738,
    14_885_222_359, 15_017_385_627, 15_145_603_127, 15_270_103_650, 15_391_096_645, 15_508_774_343,
    15_623_313_592, 15_734_877_457, 15_843_616_614, 15_949_670_578, 16_053_168_774, 16_154_231_491,
    16_252_970_720, 16_349_490_900, 16_443_889_586, 16_536_258_034, 16_626_681_738, 16_715_240_902,
    16_802_010_870, 16_887_062_506, 16_970_462_550, 17_052_273_924, 17_132_556_024, 17_211_364_975,
    17_288_753_867, 17_364_772_971, 17_439_469_938, 17_512_889_970, 17_585_075_993, 17_656_068_805,
    17_725_907_210, 17_794_628_153, 17_862_266_831, 17_928_856_805, 17_994_430_099, 18_059_017_290,
    18_122_647_599, 18_185_348_965, 18_247_148_122, 18_308_070_665, 18_368_141_117, 18_427_382_985,
    18_485_818_815, 18_543_470_249, 18_600_358_064, 18_656_502_227, 18_711_921_929, 18_766_635_628,
    18_820_661_086, 18_874_015_403, 18_926_715_050, 18_978_775_897, 19_030_213_246, 19_081_041_854,
    19_131_275_962, 19_180_929_317, 19_230_015_191, 19_278_546_412, 19_326_535_372, 19_373_994_057,
    19_420_934_058, 19_467_366_589, 19_513_302_506, 19_558_752_319, 19_603_726_210, 19_648_234_041,
    19_692_285_374, 19_735_889_478, 19_779_055_341,
];

/// `ln (2ⁿ − 1) · 2³²` for n from 1 to 20, rounded.
#[rustfmt::skip]
const LN_BAND: [u64; 20] = [
    0, 4_718_503_851, 8_357_620_451, 11_630_987_050, 14_748_862_738, 17_794_628_153, 20_805_625_112,
    23_799_545_705, 26_785_003_436, 29_766_248_365, 32_745_391_526, 35_723_484_958, 38_701_053_814,
    41_678_360_453, 44_655_536_003, 47_632_646_013, 50_609_723_253, 53_586_784_109, 56_563_836_773,
    59_540_885_340,
];

/// `exp (−n · 4096 / 2¹⁶) · 2³⁰`, rounded.
#[rustfmt::skip]
const EXP_4096: [u32; 128] = [
    1_073_741_824, 1_008_687_096, 947_573_834, 890_163_238, 836_230_973, 785_566_300, 737_971_244,
    693_259_826, 651_257_337, 611_799_650, 574_732_583, 539_911_296, 507_199_724, 476_470_046, 447_602_185,
    420_483_340, 395_007_542, 371_075_245, 348_592_932, 327_472_754, 307_632_183, 288_993_691, 271_484_449,
    255_036_038, 239_584_185, 225_068_513, 211_432_301, 198_622_266, 186_588_351, 175_283_534, 164_663_642,
    154_687_176, 145_315_154, 136_510_954, 128_240_173, 120_470_494, 113_171_556, 106_314_838, 99_873_547,
    93_822_515, 88_138_096, 82_798_079, 77_781_597, 73_069_048, 68_642_018, 64_483_209, 60_576_369,
    56_906_232, 53_458_458, 50_219_573, 47_176_923, 44_318_618, 41_633_489, 39_111_043, 36_741_425,
    34_515_374, 32_424_194, 30_459_711, 28_614_250, 26_880_601, 25_251_987, 23_722_047, 22_284_801,
    20_934_633, 19_666_268, 18_474_749, 17_355_420, 16_303_908, 15_316_105, 14_388_149, 13_516_415,
    12_697_497, 11_928_194, 11_205_501, 10_526_594, 9_888_820, 9_289_687, 8_726_853, 8_198_120, 7_701_421,
    7_234_816, 6_796_480, 6_384_702, 5_997_873, 5_634_480, 5_293_104, 4_972_411, 4_671_148, 4_388_137,
    4_122_274, 3_872_518, 3_637_894, 3_417_485, 3_210_430, 3_015_920, 2_833_194, 2_661_540, 2_500_285,
    2_348_801, 2_206_494, 2_072_809, 1_947_224, 1_829_248, 1_718_419, 1_614_306, 1_516_500, 1_424_620,
    1_338_306, 1_257_222, 1_181_051, 1_109_495, 1_042_274, 979_126, 919_804, 864_075, 811_724, 762_544,
    716_344, 672_943, 632_171, 593_870, 557_889, 524_088, 492_335, 462_506, 434_484, 408_160, 383_431,
];

/// `exp (−n · 64 / 2¹⁶) · 2³⁰`, rounded.
#[rustfmt::skip]
const EXP_64: [u32; 64] = [
    1_073_741_824, 1_072_693_760, 1_071_646_719, 1_070_600_700, 1_069_555_701, 1_068_511_723, 1_067_468_764,
    1_066_426_823, 1_065_385_899, 1_064_345_991, 1_063_307_098, 1_062_269_219, 1_061_232_353, 1_060_196_499,
    1_059_161_656, 1_058_127_824, 1_057_095_000, 1_056_063_185, 1_055_032_376, 1_054_002_574, 1_052_973_777,
    1_051_945_984, 1_050_919_195, 1_049_893_408, 1_048_868_621, 1_047_844_836, 1_046_822_049, 1_045_800_261,
    1_044_779_470, 1_043_759_676, 1_042_740_877, 1_041_723_072, 1_040_706_261, 1_039_690_442, 1_038_675_615,
    1_037_661_779, 1_036_648_932, 1_035_637_074, 1_034_626_203, 1_033_616_319, 1_032_607_421, 1_031_599_507,
    1_030_592_578, 1_029_586_631, 1_028_581_666, 1_027_577_682, 1_026_574_678, 1_025_572_653, 1_024_571_606,
    1_023_571_536, 1_022_572_443, 1_021_574_324, 1_020_577_180, 1_019_581_009, 1_018_585_810, 1_017_591_583,
    1_016_598_326, 1_015_606_039, 1_014_614_721, 1_013_624_370, 1_012_634_985, 1_011_646_567, 1_010_659_113,
    1_009_672_623,
];

/// `exp (−n / 2¹⁶) · 2³⁰`, rounded.
#[rustfmt::skip]
const EXP_1: [u32; 64] = [
    1_073_741_824, 1_073_725_440, 1_073_709_056, 1_073_692_673, 1_073_676_290, 1_073_659_907, 1_073_643_524,
    1_073_627_142, 1_073_610_760, 1_073_594_378, 1_073_577_996, 1_073_561_615, 1_073_545_234, 1_073_528_853,
    1_073_512_472, 1_073_496_092, 1_073_479_712, 1_073_463_332, 1_073_446_952, 1_073_430_573, 1_073_414_194,
    1_073_397_815, 1_073_381_436, 1_073_365_058, 1_073_348_680, 1_073_332_302, 1_073_315_924, 1_073_299_547,
    1_073_283_170, 1_073_266_793, 1_073_250_416, 1_073_234_040, 1_073_217_664, 1_073_201_288, 1_073_184_912,
    1_073_168_537, 1_073_152_162, 1_073_135_787, 1_073_119_412, 1_073_103_038, 1_073_086_664, 1_073_070_290,
    1_073_053_916, 1_073_037_543, 1_073_021_170, 1_073_004_797, 1_072_988_424, 1_072_972_052, 1_072_955_680,
    1_072_939_308, 1_072_922_936, 1_072_906_565, 1_072_890_194, 1_072_873_823, 1_072_857_452, 1_072_841_082,
    1_072_824_712, 1_072_808_342, 1_072_791_972, 1_072_775_603, 1_072_759_234, 1_072_742_865, 1_072_726_496,
    1_072_710_128,
];

#[cfg(test)]
mod test {
    use super::*;

    /// What the tables were made from. Literals hold on every platform; this holds on those whose logarithm is sound.
    #[expect(clippy::cast_sign_loss, reason = "all are positive")]
    fn scaled(value: f64, bits: i32) -> u64 {
        (value * 2_f64.powi(bits)).round() as u64
    }

    fn exactly(Cost(cost): Cost) -> f64 {
        (-f64::from(cost) / 65536.0).exp()
    }

    fn costs(share: f64) -> Cost {
        Cost(scaled(-share.ln(), 16) as u32)
    }

    #[test]
    fn the_tables_are_logarithms_and_exponentials() {
        for (n, ln) in (1..).zip(LN) {
            assert_eq!(ln, scaled(f64::from(n).ln(), 32), "{n}");
        }
        for (n, ln) in (1..).zip(LN_BAND) {
            assert_eq!(ln, scaled((2_f64.powi(n) - 1.0).ln(), 32), "{n}");
        }
        for (step, table) in [(4096, EXP_4096.as_slice()), (64, &EXP_64), (1, &EXP_1)] {
            for (n, exp) in (0..).zip(table) {
                assert_eq!(
                    u64::from(*exp),
                    scaled((-f64::from(n * step) / 65536.0).exp(), 30),
                    "{n} of {step}"
                );
            }
        }
        let (weaker, stronger) = (Cost(Cost::THOUSANDTH.0 + 1), Cost::THOUSANDTH);
        assert!(exactly(weaker) < 1e-3 && 1e-3 <= exactly(stronger));
    }

    #[test]
    fn every_cost_is_its_logarithm_rounded_once() {
        for percent in 1..=100 {
            assert_eq!(
                Cost::of(Percent::new(percent).unwrap()),
                costs(f64::from(percent) / 100.0),
                "{percent} %"
            );
        }
        for usual in 2..=101_u32 {
            for band in (1..=20).map(|power| 1 << power) {
                let share = (f64::from(usual - 1) / f64::from(band - 1)).min(1.0);
                assert_eq!(Cost::of_rarity(usual, band), costs(share), "{usual} of {band}");
            }
        }
        for (gap, decay, cost) in
            [(0, 30, 0), (30, 30, 65_536), (1, 3, 21_845), (1, 131_072, 1), (1, 131_073, 0)]
        {
            assert_eq!(Cost::of_gap(gap, decay), Cost(cost), "{gap} days at {decay}");
        }
        assert_eq!(Cost::of_gap(4_000_000, 1), Cost(u32::MAX));
    }

    #[test]
    fn weights_are_exponentials_to_nine_digits_and_shrink_with_the_cost() {
        let mut last = Strength::ONE;
        for cost in 0..=Cost::THOUSANDTH.0 {
            let weight = Cost(cost).weight();
            assert!((f64::from(weight.0) / 2_f64.powi(30) - exactly(Cost(cost))).abs() < 2e-9, "{cost}");
            assert!(weight < last || cost == 0, "{cost}");
            last = weight;
        }
        assert_eq!(Cost(u32::MAX).weight(), Strength(0));
    }

    #[test]
    fn a_strength_is_told_in_millionths() {
        assert_eq!(Strength::ONE.millionths(), 1_000_000);
        assert_eq!(Cost::of(Percent::new(60).unwrap()).weight().millionths(), 600_004);
        assert_eq!(Strength::ONE.rest().millionths(), 0);
    }
}
