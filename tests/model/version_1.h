/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_VERSION_1_H
#define RS_TESTS_VERSION_1_H

/**
   @file version_1.h A model file of version 1, as the program wrote it that had no other, and the
   first 24 frames that this program played from it with seed 5.
*/

static const char VERSION_1_FILE[] =
    "\310\010\000\000\000\000\000\000"
    "{\"__metadata__\":{\"checksum\":\"57184cf17c67ffbd\",\"format\":\"rollsmith-model\",\"se"
    "ed\":\"3\",\"settings\":\"{\\\"roll\\\":{\\\"frames_per_beat\\\":4,\\\"frame_ms\\\":0,\\"
    "\"low\\\":60,\\\"high\\\":63,\\\"outside\\\":\\\"fold\\\",\\\"drums\\\":false,\\\"pedal\\"
    "\":false,\\\"min_velocity\\\":1,\\\"transpose\\\":\\\"none\\\",\\\"transpose_semitones\\"
    "\":0,\\\"articulation\\\":false,\\\"velocity\\\":false,\\\"start\\\":\\\"keep\\\",\\\"mi"
    "n_frames\\\":1,\\\"max_silence\\\":64,\\\"max_frames\\\":1048576},\\\"model\\\":{\\\"rbm"
    "\\\":\\\"bb\\\",\\\"hidden\\\":3,\\\"recurrent\\\":3,\\\"activation\\\":\\\"tanh\\\",\\\""
    "learned_start\\\":true,\\\"deviation_low\\\":0.05,\\\"deviation_high\\\":0.5},\\\"train\\"
    "\":{\\\"epochs\\\":40,\\\"minutes\\\":0,\\\"streams\\\":2,\\\"block\\\":4,\\\"gradient\\"
    "\":\\\"block\\\",\\\"borders\\\":\\\"reset\\\",\\\"cd_k\\\":15,\\\"cd_k_start\\\":1,\\\""
    "cd_k_ramp_epochs\\\":0,\\\"persistent\\\":0,\\\"from_past\\\":0,\\\"past_noise\\\":0.05,"
    "\\\"own_past\\\":0.2,\\\"centre\\\":true,\\\"learning_rate\\\":0.002,\\\"rnn_learning_ra"
    "te_factor\\\":1,\\\"learning_rate_decay\\\":0.5,\\\"anneal_epochs\\\":0,\\\"optimiser\\\""
    ":\\\"adam\\\",\\\"beta1\\\":0.9,\\\"beta2\\\":0.999,\\\"momentum\\\":0.9,\\\"clip\\\":1,"
    "\\\"weight_decay\\\":0,\\\"valid_share\\\":0.1,\\\"validate_every\\\":0,\\\"patience\\\""
    ":10,\\\"transpose_low\\\":0,\\\"transpose_high\\\":0,\\\"average\\\":0.999,\\\"pretrain_"
    "epochs\\\":0,\\\"negative_weight\\\":0,\\\"negative_p\\\":0.7,\\\"negative_hinge\\\":0,\\"
    "\"negative_from_epoch\\\":1,\\\"free_run_frames\\\":512,\\\"free_run_weight\\\":4,\\\"va"
    "riance\\\":\\\"joint\\\",\\\"variance_every\\\":4,\\\"ais_chains\\\":2,\\\"ais_betas\\\""
    ":1000,\\\"seed\\\":3},\\\"generate\\\":{\\\"gibbs_steps\\\":100,\\\"burn_in\\\":0,\\\"te"
    "mperature\\\":1,\\\"bars\\\":32,\\\"frames\\\":0,\\\"count\\\":1,\\\"seed\\\":0,\\\"bpm\\"
    "\":0,\\\"velocity\\\":0,\\\"max_polyphony\\\":0,\\\"channel\\\":1,\\\"program\\\":0},\\\""
    "evaluate\\\":{\\\"chains\\\":4,\\\"betas\\\":10000,\\\"max_frames\\\":0,\\\"free_run_fra"
    "mes\\\":4096,\\\"seed\\\":1}}\",\"training\":\"{\\\"bpm\\\":120.0,\\\"epochs\\\":40,\\\""
    "frames\\\":320,\\\"meter_beats\\\":4,\\\"meter_unit\\\":4,\\\"song_frames\\\":8,\\\"song"
    "s\\\":1,\\\"updates\\\":40,\\\"valid_ll\\\":-2.2545196652577522}\",\"version\":\"1\"},\""
    "output.bias\":{\"data_offsets\":[0,28],\"dtype\":\"F32\",\"shape\":[7]},\"output.weight\""
    ":{\"data_offsets\":[28,112],\"dtype\":\"F32\",\"shape\":[7,3]},\"rbm.weight\":{\"data_of"
    "fsets\":[112,160],\"dtype\":\"F32\",\"shape\":[3,4]},\"rnn.bias\":{\"data_offsets\":[160"
    ",172],\"dtype\":\"F32\",\"shape\":[3]},\"rnn.start\":{\"data_offsets\":[172,184],\"dtype"
    "\":\"F32\",\"shape\":[3]},\"rnn.weight\":{\"data_offsets\":[184,268],\"dtype\":\"F32\",\""
    "shape\":[3,7]}}  "
    "\047\155\072\275\143\123\367\277\153\366\216\277\210\164\373\276\202\130\344\074\021\321"
    "\256\274\006\146\225\274\040\137\253\274\240\104\052\075\052\306\247\074\226\114\306\074"
    "\243\263\104\072\365\237\124\074\116\155\073\275\217\210\200\075\222\122\146\075\065\142"
    "\346\073\330\107\057\275\311\243\051\274\314\214\317\074\123\021\251\275\300\347\352\274"
    "\103\221\213\274\257\252\176\075\275\230\027\075\300\304\041\275\071\235\233\075\240\154"
    "\165\075\352\304\304\275\313\274\042\075\302\354\227\275\032\011\247\075\121\033\244\075"
    "\024\200\125\275\213\306\234\075\100\252\246\275\300\362\212\075\054\363\251\274\071\041"
    "\305\075\124\360\202\275\270\130\215\074\212\030\113\075\333\342\123\075\047\106\116\075"
    "\361\364\136\075\220\376\136\075\024\211\023\274\346\036\237\277\206\074\060\077\125\300"
    "\113\076\361\123\044\074\247\230\076\274\105\170\201\276\142\334\335\277\141\277\106\077"
    "\106\134\057\076\220\024\211\076\076\257\102\076\057\346\173\076\021\343\031\077\332\142"
    "\151\277\251\270\005\277\215\172\311\276\110\045\270\274\233\152\217\275\300\366\000\077"
    "\212\257\127\076";

enum { VERSION_1_SIZE = sizeof VERSION_1_FILE - 1, VERSION_1_SEED = 5, VERSION_1_FRAMES = 24 };

static const char VERSION_1_SONG[] =
    "-\n"
    "60\n"
    "60\n"
    "60\n"
    "63\n"
    "-\n"
    "60 61 63\n"
    "60 63\n"
    "63\n"
    "60 63\n"
    "-\n"
    "-\n"
    "60 62 63\n"
    "60 63\n"
    "62 63\n"
    "60 62\n"
    "63\n"
    "62\n"
    "62\n"
    "60 63\n"
    "63\n"
    "60\n"
    "63\n"
    "60 61\n";

#endif /* RS_TESTS_VERSION_1_H */
