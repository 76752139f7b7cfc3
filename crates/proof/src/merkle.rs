//! The Merkle tree of RFC 6962, section 2.1: root, inclusion and consistency, made from all leaves and checked from a few hashes.
//!
//! In: hashes of leaves in order. Out: roots and paths. Source: RFC 6962 (2013), and RFC 9162 (2021) sections 2.1.3.2 and 2.1.4.2 for
//! the checks.

use sha2::{Digest, Sha256};

use crate::Hash;

/// The hash of a leaf: the byte 0, then what it says.
pub fn leaf(says: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(says).finalize().into())
}

/// The hash of two nodes: the byte 1, then both.
fn node(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The largest power of two below a number of two or more.
fn split(leaves: usize) -> usize {
    1 << (usize::BITS - 1 - (leaves - 1).leading_zeros())
}

/// The root over leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node(root(left), root(right))
        }
    }
}

/// The hashes that lead from a leaf to the root, the lowest first; `None` when there is no such leaf.
pub fn inclusion_path(index: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut part, mut index) = (leaves, index);
    while part.len() > 1 {
        let (left, right) = part.split_at(split(part.len()));
        if index < left.len() {
            path.push(root(right));
            part = left;
        } else {
            path.push(root(left));
            (part, index) = (right, index - left.len());
        }
    }
    path.reverse();
    Some(path)
}

/// Whether a leaf stands at a place under a root over so many leaves.
pub fn holds_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, leaf);
    for &beside in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node(beside, hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// The hashes that show that the tree over the first `first` leaves is a beginning of the tree over all; `None` when there are fewer.
pub fn consistency_path(first: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    if first == 0 || first > leaves.len() {
        return None;
    }
    Some(subproof(first, leaves, true))
}

/// `SUBPROOF` of the RFC: `whole` as long as the part is the earlier tree itself, whose root its reader has.
fn subproof(first: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if first == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = if first <= left.len() {
        (subproof(first, left, whole), root(right))
    } else {
        (subproof(first - left.len(), right, false), root(left))
    };
    path.push(beside);
    path
}

/// Whether the tree of one root and size is a beginning of the tree of another.
pub fn holds_consistency(first: (u64, Hash), second: (u64, Hash), path: &[Hash]) -> bool {
    let ((first_size, first_root), (second_size, second_root)) = (first, second);
    if first_size == 0 || first_size > second_size {
        return false;
    }
    if first_size == second_size {
        return path.is_empty() && first_root == second_root;
    }
    // The earlier tree is a whole left part of the later one, so its root leads the path.
    let leading = first_size.is_power_of_two().then_some(first_root);
    let mut path = leading.into_iter().chain(path.iter().copied());
    let Some(start) = path.next() else { return false };
    let (mut place, mut last) = (first_size - 1, second_size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut of_first, mut of_second) = (start, start);
    for beside in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            of_first = node(beside, of_first);
            of_second = node(beside, of_second);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            of_second = node(of_second, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && of_first == first_root && of_second == second_root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves() -> Vec<Hash> {
        // The leaves that the reference implementation of the RFC is tested with.
        let says: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        says.map(leaf).to_vec()
    }

    #[test]
    fn roots_are_those_of_the_reference_implementation() {
        let known = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (size, expected) in known.iter().enumerate() {
            assert_eq!(root(&leaves()[..size]).to_string(), *expected, "{size}");
        }
    }

    #[test]
    fn every_proof_holds_and_no_other_does() {
        let leaves: Vec<Hash> = (0..70_u8).map(|n| leaf(&[n])).collect();
        for size in 1..=leaves.len() {
            let tree = &leaves[..size];
            let whole = root(tree);
            for index in 0..size {
                let path = inclusion_path(index, tree).unwrap();
                let holds = |leaf, index, path: &[Hash]| {
                    holds_inclusion(leaf, index as u64, size as u64, path, whole)
                };
                assert!(holds(tree[index], index, &path), "{index} of {size}");
                assert!(!holds(leaf(b"other"), index, &path));
                assert!(
                    size == 1
                        || !holds(tree[index], (index + 1) % size, &path)
                        || tree[index] == tree[(index + 1) % size]
                );
                assert!(!holds(tree[index], index, &[&path[..], &[whole]].concat()));
            }
            for first in 1..=size {
                let path = consistency_path(first, tree).unwrap();
                let earlier = (first as u64, root(&leaves[..first]));
                assert!(holds_consistency(earlier, (size as u64, whole), &path), "{first} of {size}");
                let other = (first as u64, leaf(b"other"));
                assert!(!holds_consistency(other, (size as u64, whole), &path));
                assert!(!holds_consistency(earlier, (size as u64, leaf(b"other")), &path));
            }
        }
    }
}
