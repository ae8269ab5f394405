"""Words that keep their meaning when the training scrambles the vocabulary."""

FUNCTION_WORDS = (
    "a about above after again against all also although am an and another any are as at away back be because been "
    "before being below between both but by can cannot could did do does doing done down during each either else end "
    "enough ever every few first for from further get give given go had has have having he her here hers him his how "
    "i if in into is it its just last later least leave less let like line list may me mean mention might mine more "
    "most much must my name named near neither never no none nor not nothing now number numbers of off on once one "
    "only open or other our out over own per perhaps please put rather reply right same say says second see seem send "
    "sent shall she should since so some somebody something start state stated still such take tell text than that the "
    "their them then there these they thing things this those though through to too toward two under unless until up "
    "upon us use very want was we well were what when where whether which while who whom whose why will with within "
    "without word words would write written yes yet you your yours dear hello hi sincerely regards wishes love greetings "
    "signed friend three four five six seven eight nine ten know known find found answer answers guess unknown "
    "information evidence document documents source sources passage passages quote sentence sentences instead ignore "
    "skip begin before follow followed come comes belongs person says sorry unable impossible question exclamation mark "
    "marks comma commas semicolon semicolons dash dashes dashed numbered bracket brackets quotation front separated "
    "finish close s t"
).split()
